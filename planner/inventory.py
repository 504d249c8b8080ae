"""What can be had: GPUs and offers at one revision, laid out for searching."""

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from planner.cost import bought_usd_per_hour
from planner.errors import MissingFact, UnknownGpu, UnknownProvider, suggest
from planner.fleet import Fleet
from planner.gpu import Gpu
from planner.known_models import KnownModels
from planner.model import ModelSpec
from planner.offer import Offer
from planner.plan import InventorySummary
from planner.regions import is_in_region

Mask: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

Shape: TypeAlias = tuple[int, int]
"""A machine shape: the index of its GPU in the inventory, and how many of them it has."""

T = TypeVar("T")

NO_FLEET = Fleet()

_NAME_AND_SIZE = re.compile(r"(.{1,80}?)[ _-]+(\d{1,4}) ?gi?b?", re.IGNORECASE)
_VENDOR_WORDS = ("nvidia", "amd", "intel", "geforce", "tesla", "instinct", "radeon", "quadro")


class Past(Struct, frozen=True, kw_only=True):
    """A past day whose prices an inventory holds.

    `first_price` is the first day that a rental has a price, where none has one on that day.
    """

    as_of: dt.date
    first_price: dt.date | None = None


class Inventory:
    """GPUs, offers and own machines of one revision, in an order that does not depend on that of the rows given.

    Offers are sorted by price; `prices`, `purchase_prices`, `gpu_counts`, `gpu_indices` and `days` are their columns
    (USD per hour, USD once or 0 for a rental, GPUs, index into `gpus`, ordinal of the price's date), `machines` their
    shapes and `shapes` the different ones among them. `fleet` are the machines of one's own; they become offers for the
    time that a request asks for (owned.py), and `returns` says of those that are taken then when they are free
    (`is_taken` is that as a column). Built once per revision and never changed.

    Raises MissingFact where an offer or a node names a GPU that is not there.
    """

    def __init__(
        self,
        *,
        revision: int,
        gpus: Iterable[Gpu],
        offers: Iterable[Offer],
        models: Iterable[ModelSpec] = (),
        providers: Iterable[str] = (),
        past: Past | None = None,
        fleet: Fleet = NO_FLEET,
        returns: Mapping[str, dt.datetime] = MappingProxyType({}),
    ) -> None:
        """Sort and index the rows.

        `models` are known beside those of the data files, `providers` beside those of the offers; `past` says that the
        offers are those of a past day, None that they are today's.
        """
        self.revision = revision
        self.past = past
        self.models = KnownModels(models)
        self.gpus = tuple(sorted(gpus, key=lambda gpu: gpu.gpu_id))
        self.offers = tuple(sorted(offers, key=_offer_order))
        index = {gpu.gpu_id: position for position, gpu in enumerate(self.gpus)}
        self.fleet = fleet
        self.returns = returns
        named = {offer.gpu_id for offer in self.offers} | {node.gpu_id for node in fleet.nodes.values()}
        missing = named - index.keys()
        if missing:
            message = f"offers or nodes name GPUs that the inventory does not hold: {', '.join(sorted(missing))}"
            raise MissingFact(message)
        self.prices = np.array([offer.usd_per_hour for offer in self.offers], dtype=np.float64)
        self.purchase_prices = np.array([offer.purchase_usd or 0.0 for offer in self.offers], dtype=np.float64)
        self.gpu_counts = np.array([offer.gpu_count for offer in self.offers], dtype=np.int64)
        self.gpu_indices = np.array([index[offer.gpu_id] for offer in self.offers], dtype=np.int64)
        self.days = np.array([offer.as_of.toordinal() for offer in self.offers], dtype=np.int64)
        self.is_taken: Mask = np.array([offer.offer_id in returns for offer in self.offers], dtype=np.bool_)
        self._columns = {
            name: _encode(list(map(attrgetter(name), self.offers)))
            for name in ("provider", "provider_kind", "pricing", "price_kind")
        }
        self._providers = sorted({*self._columns["provider"][0], *providers})
        self._places = _encode(_places_of(self.offers))
        machines = [(index[offer.gpu_id], offer.gpu_count) for offer in self.offers]
        shapes, self._shape_ids = _encode(machines)
        self.shapes: tuple[Shape, ...] = tuple(shapes)
        self.machines: tuple[Shape, ...] = tuple(machines)
        self._spellings = _spell_gpus(self.gpus)
        # A launch price of years ago says nothing about how old the prices are that a rental is planned on.
        dates = [offer.as_of for offer in self.offers if offer.purchase_usd is None]
        self.summary = InventorySummary(
            revision=revision,
            as_of=None if past is None else past.as_of,
            offers=len(self.offers),
            newest_price=max(dates, default=None),
            oldest_price=min(dates, default=None),
        )

    def other_way(self, offer: Offer) -> Offer | None:
        """Return the same machine on demand for a spot `offer`, as spot for one on demand; None where there is none."""
        other = {"spot": "on_demand", "on_demand": "spot"}.get(offer.pricing)
        return self._by_machine.get((*_machine_of(offer), other))

    @functools.cached_property
    def _by_machine(self) -> dict[tuple[str | None, ...], Offer]:
        # The cheapest last, so that it stays.
        return {(*_machine_of(offer), offer.pricing): offer for offer in reversed(self.offers)}

    def with_electricity_at(self, usd_per_kwh: float) -> "Inventory":
        """Return the same inventory with what bought GPUs cost an hour figured at another price of electricity."""
        watts = {gpu.gpu_id: gpu.tdp_watts or 0.0 for gpu in self.gpus}
        offers = [
            offer
            if offer.purchase_usd is None
            else replace(
                offer,
                usd_per_hour=bought_usd_per_hour(
                    offer.purchase_usd, watts=offer.gpu_count * watts[offer.gpu_id], usd_per_kwh=usd_per_kwh
                ),
            )
            for offer in self.offers
        ]
        return self.with_offers(offers)

    def with_offers(
        self, offers: Iterable[Offer], *, returns: Mapping[str, dt.datetime] = MappingProxyType({})
    ) -> "Inventory":
        """Return the same inventory with these offers instead of its own; `returns` as for a new one."""
        return Inventory(
            revision=self.revision,
            gpus=self.gpus,
            offers=offers,
            models=self.models.own.values(),
            providers=self._providers,
            past=self.past,
            fleet=self.fleet,
            returns=returns,
        )

    def first_of_each_shape(self, indices: Indices) -> dict[Shape, int]:
        """Return the machine shapes among the offers at `indices` (ascending), each with the first of them."""
        first = np.full(len(self.shapes), -1, dtype=np.intp)
        backwards = indices[::-1]
        first[self._shape_ids[backwards]] = backwards
        found = first.tolist()
        return {shape: index for shape, index in zip(self.shapes, found, strict=True) if index >= 0}

    def gpu_ids(self, name: str, *, field: str) -> tuple[str, ...]:
        """Return the ids of the GPUs that `name` means; raises UnknownGpu.

        It is an id, an alias or a family, and may end in a memory size that tells its products apart ("H100 80GB").
        """
        found = self._spellings.get(plain_gpu_name(name)) or self._of_size(name)
        if not found:
            known = {gpu.gpu_id: gpu.gpu_id for gpu in self.gpus}
            known |= {family: family for gpu in self.gpus for family in gpu.families}
            known |= {alias: gpu.gpu_id for gpu in self.gpus for alias in (gpu.name, *gpu.aliases)}
            raise UnknownGpu(name, known=known, field=field)
        return found

    def _of_size(self, name: str) -> tuple[str, ...]:
        match = _NAME_AND_SIZE.fullmatch(name.strip())
        if match is None:
            return ()
        named = set(self._spellings.get(plain_gpu_name(match[1]), ()))
        return tuple(gpu.gpu_id for gpu in self.gpus if gpu.gpu_id in named and gpu.memory_gb == int(match[2]))

    def providers(self, names: Iterable[str], *, field: str) -> list[str]:
        """Return the providers as the inventory spells them; raises UnknownProvider."""
        known = {provider.casefold(): provider for provider in self._providers}
        for name in names:
            if name.casefold() not in known:
                raise UnknownProvider(name, known=known, field=field)
        return [known[name.casefold()] for name in names]

    def where(self, column: str, values: Iterable[str]) -> Mask:
        """Return which offers have one of `values` in `column` (provider, provider_kind, pricing, price_kind)."""
        codes, column_codes = self._columns[column]
        wanted = [codes[value] for value in values if value in codes]
        return np.isin(column_codes, wanted)

    def where_gpu(self, gpu_ids: Iterable[str]) -> Mask:
        """Return which offers have one of these GPUs."""
        wanted = set(gpu_ids)
        chosen = np.array([gpu.gpu_id in wanted for gpu in self.gpus], dtype=np.bool_)
        return chosen[self.gpu_indices] if len(self.offers) else np.zeros(0, dtype=np.bool_)

    def where_region(self, names: Iterable[str]) -> Mask:
        """Return which offers lie in one of the regions, countries or continents named."""
        codes, column = self._places
        wanted = [code for place, code in codes.items() if any(is_in_region(*place, name) for name in names)]
        return np.isin(column, wanted)

    def places_like(self, name: str) -> list[str]:
        """Return the regions, countries and continents of offers that are spelt most like `name`."""
        words = {word for place in self._places[0] for word in place if word}
        return suggest(name, {word: word for word in sorted(words)})


# In C: twenty thousand offers are sorted and taken apart while a plan waits.
_offer_order = attrgetter("usd_per_hour", "provider", "instance_type", "region", "pricing", "offer_id")


def _places_of(offers: Iterable[Offer]) -> list[tuple[str, str, str]]:
    return [(offer.region, offer.country, offer.continent) for offer in offers]


def _machine_of(offer: Offer) -> tuple[str, ...]:
    return offer.provider, offer.instance_type, offer.region, offer.gpu_id, offer.price_kind


def _encode(values: list[T]) -> tuple[dict[T, int], NDArray[np.int64]]:
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return codes, np.fromiter(map(codes.__getitem__, values), dtype=np.int64, count=len(values))


def _spell_gpus(gpus: Iterable[Gpu]) -> dict[str, tuple[str, ...]]:
    spellings: dict[str, dict[str, None]] = {}
    exact: dict[str, str] = {}
    for gpu in gpus:
        exact[plain_gpu_name(gpu.gpu_id)] = gpu.gpu_id
        for spelling in (gpu.name, *gpu.aliases, *gpu.families):
            spellings.setdefault(plain_gpu_name(spelling), {})[gpu.gpu_id] = None
    found = {spelling: tuple(ids) for spelling, ids in spellings.items()}
    return found | {spelling: (gpu_id,) for spelling, gpu_id in exact.items()}


def plain_gpu_name(name: str) -> str:
    """Return `name` without vendor words, case and punctuation, so that "NVIDIA GeForce RTX-4090" is "rtx4090"."""
    words = "".join(character if character.isalnum() else " " for character in name.casefold()).split()
    kept = [word for word in words if word not in _VENDOR_WORDS]
    return "".join(kept or words)
