"""Why deployments fell for their speed: which limit the nearest one misses, and by which figure."""

from collections.abc import Iterable

from msgspec import Struct

from planner.inventory import Shape
from planner.nearest_miss import candidate_miss
from planner.plan import Change, Rejection
from planner.request import PlanRequest
from planner.search import Candidate, Search
from planner.speed import Band

_FEWEST_DIGITS, _MOST_DIGITS = 4, 12


class _Limit(Struct, frozen=True, kw_only=True):
    """A limit that the request sets, what a candidate reaches, and the band of that as answers state it."""

    field: str
    limit: float
    reached: float
    band: Band

    def allows(self, figure: float) -> bool:
        return figure >= self.limit if self.field.startswith("min_") else figure <= self.limit

    @property
    def figure(self) -> float:
        """What is reached, in so many digits that it is seen to miss the limit."""
        rounded = (float(f"{self.reached:.{digits}g}") for digits in range(_FEWEST_DIGITS, _MOST_DIGITS))
        return next((figure for figure in rounded if not self.allows(figure)), self.reached)

    @property
    def words(self) -> str:
        band = f"{self.band.low:g} to {self.band.high:g}"
        return f"the estimate is {self.figure:.{_MOST_DIGITS}g} ({band}) where {self.field} is {self.limit:g}"

    @property
    def change(self) -> Change:
        """The limit that the estimate would meet: a little lower where it is the least, higher where it is the most."""
        value = float(f"{self.reached * (0.99 if self.field.startswith('min_') else 1.01):.3g}")
        return Change(field=self.field, value=value, message=f"set {self.field} to {value:g}")


def too_slow(search: Search, shapes: Iterable[Shape]) -> Iterable[Rejection]:
    """Return why what the memory holds is too slow, by the one that misses its worst limit by the smallest factor.

    The change is that of the limit that it misses, none where it misses several or where its speed has no basis.
    """
    given = _given(search.request)
    fallen = search.fallen("too_slow", shapes) if given else None
    if fallen is None or fallen.nearest is None:
        return
    missed = _missed(fallen.nearest, given)
    field, needed = next(iter(given.items()))
    available: float | str = "no basis"
    message = f"their speed cannot be shown to meet {field}: {fallen.nearest.speed.reason}"
    if missed:
        field, needed, available = missed[0].field, missed[0].limit, missed[0].figure
        deployment, machine = fallen.nearest.deployment, f"{fallen.gpu_count}x {fallen.nearest.deployment.gpu.name}"
        nearest = f"{deployment.weight_format.weight_format} on {machine}"
        message = f"they are slower than asked; of the nearest, {nearest}, {' and '.join(one.words for one in missed)}"
    yield Rejection(
        reason="too_slow",
        count=fallen.count,
        of="deployments",
        message=message,
        nearest=candidate_miss(
            fallen.nearest,
            fallen.gpu_count,
            needed=needed,
            available=available,
            unit=field.removeprefix("min_").removeprefix("max_"),
        ),
        smallest_change=missed[0].change if len(missed) == 1 else None,
    )


def _given(request: PlanRequest) -> dict[str, float]:
    limits = {
        "min_tokens_per_second": request.min_tokens_per_second,
        "max_tpot_seconds": request.max_tpot_seconds,
        "max_ttft_seconds": request.max_ttft_seconds,
    }
    return {name: limit for name, limit in limits.items() if limit is not None}


def _missed(candidate: Candidate, given: dict[str, float]) -> list[_Limit]:
    """Return those limits that the candidate misses; none where its speed has no basis."""
    speed, (gap, wait) = candidate.speed, candidate.gap_and_wait_seconds
    figures = {
        "min_tokens_per_second": (1 / gap, speed.tokens_per_second_per_user),
        "max_tpot_seconds": (gap, speed.tpot_seconds),
        "max_ttft_seconds": (wait, speed.ttft_seconds),
    }
    limits = [
        _Limit(field=name, limit=limit, reached=figures[name][0], band=band)
        for name, limit in given.items()
        if (band := figures[name][1]) is not None
    ]
    return [one for one in limits if not one.allows(one.reached)]
