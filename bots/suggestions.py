"""What the API knows, offered while a person types; asked for once and kept for a while."""

import itertools
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from bots.client import PlannerClient, PlannerRefused
from bots.deployments import Gpu
from bots.figures import show_engine
from bots.shelf import Shelf
from bots.words import LANGUAGES, Language, words_for

MOST_SUGGESTIONS = 25
LONGEST_SUGGESTION = 100

_USUAL_CONTEXTS = ("4k", "8k", "16k", "32k", "64k", "128k")
_NOT_WORDS = re.compile(r"[\W_]+")


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A value that can be chosen, the label that a person reads, and other names that find it.

    `labels` are the languages in which the label is another.
    """

    value: str
    label: str
    labels: Mapping[Language, str] = {}
    aliases: tuple[str, ...] = ()

    def label_in(self, language: Language) -> str:
        """Return the label that a reader of `language` is shown."""
        return self.labels.get(language, self.label)


class Suggestions:
    """Suggestions for the options of a request; every method returns at most `MOST_SUGGESTIONS`, the best first.

    An API that cannot be reached gives none: a person may still type the value.
    """

    def __init__(self, planner: PlannerClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask `planner` when something is wanted for the first time; `clock` gives seconds."""
        self._planner = planner
        self._gpus = Shelf(self._load_gpus, clock=clock)
        self._models = Shelf(self._load_models, clock=clock)
        self._weight_formats = Shelf(self._load_weight_formats, clock=clock)
        self._kv_cache_dtypes = Shelf(self._load_kv_cache_dtypes, clock=clock)
        self._engines = Shelf(self._load_engines, clock=clock)
        self._providers = Shelf(self._load_providers, clock=clock)
        self._regions = Shelf(self._load_regions, clock=clock)

    async def gpus(self, typed: str) -> list[Suggestion]:
        """Return the GPUs that `typed` may mean; a family of them stands before its first."""
        return match(typed, await self._gpus.items())

    async def models(self, typed: str) -> list[Suggestion]:
        """Return the models that `typed` may mean."""
        return match(typed, await self._models.items())

    async def weight_formats(self, typed: str) -> list[Suggestion]:
        """Return the weight formats that `typed` may mean."""
        return match(typed, await self._weight_formats.items())

    async def providers(self, typed: str) -> list[Suggestion]:
        """Return the providers that `typed` may mean: those of the offers."""
        return match(typed, await self._providers.items())

    async def provider_lists(self, typed: str) -> list[Suggestion]:
        """Return lists of providers, set apart by commas, that `typed` may become: its last name is completed."""
        *chosen, last = (each.strip() for each in typed.split(","))
        found = match(last, await self._providers.items())
        lists = (", ".join([*chosen, item.value]) for item in found if item.value not in chosen)
        return _named(each for each in lists if len(each) <= LONGEST_SUGGESTION)

    async def provider_names(self) -> list[str]:
        """Return every provider of the offers; none where the API gives no answer."""
        return [item.value for item in await self._providers.items()]

    async def region_names(self) -> list[str]:
        """Return every continent, country and region of the offers; none where the API gives no answer."""
        return [item.value for item in await self._regions.items()]

    async def find_region(self, typed: str) -> str | None:
        """Return the region that `typed` names as the API takes it, None where nothing is offered there.

        What is in no list may still be a name that the API knows, such as that of a country.

        Raises:
            PlannerError: the API gives no answer.
        """
        for item in await self._regions.items():
            if _squeeze(typed) in map(_squeeze, (item.value, *item.aliases)):
                return item.value
        try:
            return typed.strip() if await self._planner.has_offers_in(typed.strip()) else None
        except PlannerRefused:
            return None

    async def kv_cache_dtypes(self, typed: str) -> list[Suggestion]:
        """Return the element types of a KV cache that `typed` may mean."""
        return match(typed, await self._kv_cache_dtypes.items())

    async def engines(self, typed: str) -> list[Suggestion]:
        """Return the serving engines that `typed` may mean."""
        return match(typed, await self._engines.items())

    async def regions(self, typed: str) -> list[Suggestion]:
        """Return the regions that `typed` may mean: continents and countries of the offers first."""
        return match(typed, await self._regions.items())

    async def contexts(self, typed: str) -> list[Suggestion]:
        """Return usual contexts, and what was typed itself: any number of tokens may be asked for."""
        usual = [Suggestion(value=context, label=context) for context in _USUAL_CONTEXTS]
        own = typed.strip()
        if not own or own in _USUAL_CONTEXTS:
            return match(own, usual)
        return [*_within_limits([Suggestion(value=own, label=own)]), *match(own, usual)]

    async def _load_gpus(self) -> list[Suggestion]:
        gpus = await self._planner.gpus()
        found: dict[str, Suggestion] = {}
        for gpu in gpus:
            for family in gpu.families or []:
                found.setdefault(family, _any_of(family, [one for one in gpus if family in (one.families or [])]))
            if gpu.gpu_id:
                label = gpu.name or gpu.gpu_id
                found[gpu.gpu_id] = Suggestion(value=gpu.gpu_id, label=label, aliases=tuple(gpu.aliases or ()))
        return _within_limits(found.values())

    async def _load_models(self) -> list[Suggestion]:
        return _within_limits(
            Suggestion(value=model.model_id, label=model.name or model.model_id)
            for model in await self._planner.models()
            if model.model_id
        )

    async def _load_weight_formats(self) -> list[Suggestion]:
        return _within_limits(
            Suggestion(
                value=form.weight_format,
                label=f"{form.weight_format} ({form.tier})" if form.tier else form.weight_format,
            )
            for form in await self._planner.weight_formats()
            if form.weight_format
        )

    async def _load_kv_cache_dtypes(self) -> list[Suggestion]:
        return _named(form.kv_cache_dtype for form in await self._planner.kv_cache_dtypes())

    async def _load_engines(self) -> list[Suggestion]:
        return _within_limits(
            Suggestion(value=engine.engine, label=show_engine(engine.engine))
            for engine in await self._planner.engines()
            if engine.engine
        )

    async def _load_providers(self) -> list[Suggestion]:
        return _named(sorted({offer.provider or "" for offer in await self._planner.offers()}))

    async def _load_regions(self) -> list[Suggestion]:
        offers = await self._planner.offers()
        places = [
            sorted({place or "" for place in column})
            for column in zip(*((offer.continent, offer.country, offer.region) for offer in offers), strict=True)
        ]
        return [_continent(item) for item in _named(name for column in places for name in column)]


def match(typed: str, suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Return the suggestions that hold `typed`, those that begin with it first; spaces and hyphens do not count."""
    wanted = _squeeze(typed)
    ranked: list[tuple[bool, int]] = []
    for place, suggestion in enumerate(suggestions):
        said = (suggestion.value, suggestion.label, *suggestion.labels.values(), *suggestion.aliases)
        names = [_squeeze(name) for name in said]
        if any(wanted in name for name in names):
            ranked.append((not any(name.startswith(wanted) for name in names), place))
    return [suggestions[place] for _, place in sorted(ranked)[:MOST_SUGGESTIONS]]


def _named(names: Iterable[str | None]) -> list[Suggestion]:
    """Return a suggestion for each name, each once, in their order."""
    return _within_limits(Suggestion(value=name, label=name) for name in dict.fromkeys(names) if name)


def _any_of(family: str, gpus: Sequence[Gpu]) -> Suggestion:
    """Return the suggestion of a whole family, called what the names of its GPUs have in common."""
    words = zip(*((gpu.name or family).split() for gpu in gpus), strict=False)
    shared = [same[0] for same in itertools.takewhile(lambda same: len(set(same)) == 1, words)]
    name = " ".join(shared) or family
    labels: dict[Language, str] = {language: words_for(language).say("any_of", name=name) for language in LANGUAGES}
    return Suggestion(value=family, label=labels["en"], labels=labels)


def _continent(item: Suggestion) -> Suggestion:
    """Return the suggestion of a continent with its name in every language, any other as it is."""
    if item.value not in words_for("en").places:
        return item
    names: dict[Language, str] = {language: words_for(language).places[item.value] for language in LANGUAGES}
    labels: dict[Language, str] = {
        each: words_for(each).say("place", name=name, code=item.value) for each, name in names.items()
    }
    return Suggestion(value=item.value, label=labels["en"], labels=labels, aliases=tuple(names.values()))


def _squeeze(text: str) -> str:
    return _NOT_WORDS.sub("", text.casefold())


def _within_limits(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Return those whose value Discord can carry, with labels cut to what it shows."""
    return [
        msgspec.structs.replace(item, label=item.label[:LONGEST_SUGGESTION])
        for item in suggestions
        if 0 < len(item.value) <= LONGEST_SUGGESTION and item.label
    ]
