"""What a server has set for everybody who asks in it: it fills in what a question leaves out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from bots.enquiry import Enquiry, FieldValue
from bots.words import Language

LONGEST_NOTE: Final = 100
MOST_NEAREST: Final = 3

Pricing: TypeAlias = Literal["on_demand", "spot", "buy", "owned"]
Name: TypeAlias = Literal["region", "providers", "pricing", "language", "currency_note"]

_NOT_RENTED: Final = ("buy", "owned")
# who names one of these speaks of renting, from someone in particular
_RENTING: Final = ("region", "provider", "provider_kind", "instance_type", "max_usd_per_hour", "max_usd_per_month")

# Chinese has a full-width comma, and one for lists
_COMMAS: Final = re.compile(r"[,\uff0c\u3001]")


class UnknownName(ValueError):
    """A setting names something that the API does not know; `nearest` are names that it does."""

    def __init__(self, name: Name, value: str, *, nearest: Sequence[str]) -> None:
        """Say which setting it is and what was given."""
        super().__init__(f"{name} {value!r} is not known")
        self.name: Name = name
        self.value = value
        self.nearest = nearest


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The settings of one server; what is None or empty is not set.

    `language` is that of public answers, `currency_note` a text shown with prices; the others are fields of a plan.
    """

    region: str | None = None
    providers: tuple[str, ...] = ()
    pricing: Pricing | None = None
    language: Language | None = None
    currency_note: str = ""

    def given(self) -> dict[Name, str | tuple[str, ...]]:
        """Return what is set, by name."""
        values = {name: getattr(self, name) for name in get_args(Name)}
        return {name: value for name, value in values.items() if value}

    def fill_in(self, enquiry: Enquiry) -> Enquiry:
        """Return the enquiry with what it leaves out; nothing that it says is changed, nor what that implies.

        Only plans have these fields. What is bought or owned has neither region nor a provider to rent from.
        """
        said = enquiry.fields
        if enquiry.task != "plan":
            return enquiry
        # a ceiling of the whole price is one for buying
        if "max_usd" in said:
            return enquiry
        filled: dict[str, FieldValue] = {}
        asks_to_rent = self.pricing in _NOT_RENTED and any(name in said for name in _RENTING)
        if self.pricing and "pricing" not in said and not asks_to_rent:
            filled["pricing"] = self.pricing
        pricing = _values({**said, **filled}.get("pricing"))
        if not pricing or not all(way in _NOT_RENTED for way in pricing):
            filled |= self._where(said)
        return msgspec.structs.replace(enquiry, fields={**said, **filled}) if filled else enquiry

    def _where(self, said: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        """Return region and providers, as far as nothing else tells where."""
        filled: dict[str, FieldValue] = {}
        if "instance_type" in said:
            return filled
        if self.region and "region" not in said:
            filled["region"] = self.region
        excluded = {str(name).casefold() for name in _values(said.get("exclude_provider"))}
        allowed = [name for name in self.providers if name.casefold() not in excluded]
        if allowed and "provider" not in said and "provider_kind" not in said:
            filled["provider"] = [*allowed]
        return filled


NO_SETTINGS: Final = ServerSettings()


def find_name(name: Name, value: str, known: Iterable[str]) -> str:
    """Return `value` as `known` first spells it; raises UnknownName with the nearest where it is not there."""
    spelt: dict[str, str] = {}
    for each in known:
        spelt.setdefault(each.casefold(), each)
    wanted = value.strip().casefold()
    if wanted in spelt:
        return spelt[wanted]
    nearest = get_close_matches(wanted, spelt, n=MOST_NEAREST, cutoff=0.0)
    raise UnknownName(name, value.strip(), nearest=[spelt[each] for each in nearest])


def find_names(name: Name, listed: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names that `listed` holds, set apart by commas, each once; raises UnknownName as `find_name`."""
    wanted = [each for each in _COMMAS.split(listed) if each.strip()]
    return tuple(dict.fromkeys(find_name(name, each, known) for each in wanted))


def _values(given: FieldValue | None) -> list[object]:
    if given is None:
        return []
    return [*given] if isinstance(given, list) else [given]
