"""Why offers fell: for their price, its date or its kind, or because none meets the request's conditions."""

import datetime as dt
from collections.abc import Iterable
from difflib import get_close_matches

import numpy as np
from msgspec.structs import replace

from planner.fleet import show_moment
from planner.inventory import Indices
from planner.owned import describe_node
from planner.plan import Change, NearestMiss, Rejection
from planner.request import OWNED, PlanRequest
from planner.scope import Scope
from planner.search import Search
from planner.units import HOURS_PER_MONTH


def offer_rejections(search: Search, scope: Scope, *, today: dt.date) -> Iterable[Rejection]:
    """Return one rejection for each reason that made offers fall."""
    yield from _taken(search, scope.taken)
    yield from _too_dear(search, scope.too_dear)
    yield from _too_old(search, scope.too_old, today)
    yield from _indicative(search, scope.indicative)
    yield from _no_offers(search, scope, today)


def _taken(search: Search, fallen: Indices) -> Iterable[Rejection]:
    """What is promised to somebody else; the nearest is the first to come free of what would do."""
    if not fallen.size:
        return
    inventory, end = search.inventory, search.request.end
    returns = inventory.returns
    soonest = sorted(map(int, fallen), key=lambda index: (returns[inventory.offers[index].offer_id], index))
    index = _first_fitting(search, soonest)
    shown = soonest[0] if index is None else index
    offer = inventory.offers[shown]
    node = describe_node(offer, search.request, inventory.fleet)
    again = returns[offer.offer_id]
    free = f"{offer.gpu_count} of the {node.gpu_count} GPUs of {node.node} are free again from {show_moment(again)} on"
    as_long = "" if end is None else ", for as long"
    change = None
    if index is not None and (end is None or again < end):
        change = Change(field="start", value=show_moment(again), message=f"start at {show_moment(again)}")
    yield Rejection(
        reason="taken",
        count=int(fallen.size),
        of="offers",
        message=f"GPUs of one's own are promised to others for the time asked; {free}{as_long}",
        nearest=_offer_miss(search, shown, needed=offer.gpu_count, available=node.free_gpus, unit="gpus"),
        smallest_change=change,
    )


def _too_dear(search: Search, fallen: Indices) -> Iterable[Rejection]:
    """The nearest is the one that would do and exceeds its worst ceiling by the smallest factor."""
    if not fallen.size:
        return
    ceilings = _ceilings(search.request)

    def excess(index: int) -> float:
        return max(_price(search, index, field) / ceiling for field, ceiling in ceilings.items())

    index = _first_fitting(search, sorted(search.inventory.first_of_each_shape(fallen).values(), key=excess))
    shown = int(fallen[0]) if index is None else index
    exceeded = [field for field, ceiling in ceilings.items() if _price(search, shown, field) > ceiling]
    field, change = exceeded[0], None
    if index is not None and len(exceeded) == 1:
        usd = _round_up_to_cents(_price(search, index, field))
        change = Change(field=field, value=usd, message=f"raise {field} to {usd:.10g}")
    yield Rejection(
        reason="over_price_ceiling",
        count=int(fallen.size),
        of="offers",
        message=f"they cost more than {' or '.join(ceilings)} allows",
        nearest=_offer_miss(
            search,
            shown,
            needed=round(_price(search, shown, field), 6),
            available=ceilings[field],
            unit=field.removeprefix("max_"),
        ),
        smallest_change=change,
    )


def _ceilings(request: PlanRequest) -> dict[str, float]:
    """Return the ceilings that the request sets, by their fields."""
    given = {
        "max_usd": request.max_usd,
        "max_usd_per_hour": request.max_usd_per_hour,
        "max_usd_per_month": request.max_usd_per_month,
    }
    return {field: ceiling for field, ceiling in given.items() if ceiling is not None}


def _price(search: Search, index: int, field: str) -> float:
    offer = search.inventory.offers[index]
    if field == "max_usd":
        return offer.purchase_usd or 0.0
    return offer.usd_per_hour * (HOURS_PER_MONTH if field == "max_usd_per_month" else 1)


def _too_old(search: Search, fallen: Indices, today: dt.date) -> Iterable[Rejection]:
    if not fallen.size:
        return
    youngest_first = fallen[np.argsort(-search.inventory.days[fallen], kind="stable")]
    index = _first_fitting(search, map(int, youngest_first))
    shown = int(youngest_first[0]) if index is None else index
    age = (today - search.inventory.offers[shown].as_of).days
    change = Change(field="max_price_age_days", value=age, message=f"accept prices up to {age} days old")
    yield Rejection(
        reason="price_too_old",
        count=int(fallen.size),
        of="offers",
        message=f"their prices are older than {search.request.max_price_age_days} days",
        nearest=_offer_miss(search, shown, needed=search.request.max_price_age_days or 0, available=age, unit="days"),
        smallest_change=None if index is None else change,
    )


def _indicative(search: Search, fallen: Indices) -> Iterable[Rejection]:
    if not fallen.size:
        return
    index = _first_fitting(search, sorted(search.inventory.first_of_each_shape(fallen).values()))
    shown = int(fallen[0]) if index is None else index
    change = Change(field="price_kind", value="any", message="plan on indicative prices too")
    yield Rejection(
        reason="indicative_price",
        count=int(fallen.size),
        of="offers",
        message="their prices are indicative: a marketplace's minimum, no machine named, or the host billed separately",
        nearest=_offer_miss(search, shown, needed="listed", available="indicative", unit="price_kind"),
        smallest_change=None if index is None else change,
    )


def _first_fitting(search: Search, indices: Iterable[int]) -> int | None:
    return next((index for index in indices if search.best(search.inventory.machines[index]) is not None), None)


def _offer_miss(search: Search, index: int, *, needed: float | str, available: float | str, unit: str) -> NearestMiss:
    offer = search.inventory.offers[index]
    return NearestMiss(
        gpu_id=offer.gpu_id,
        gpu_count=offer.gpu_count,
        offer_id=offer.offer_id,
        needed=needed,
        available=available,
        unit=unit,
    )


_A_SLIP = 0.75
_CONDITIONS = (
    "region",
    "provider",
    "provider_kind",
    "gpu_count",
    "max_gpus",
    "gpu",
    "vendor",
    "exclude_class",
    "exclude_gpu",
    "exclude_vendor",
    "exclude_provider",
)


def _no_offers(search: Search, scope: Scope, today: dt.date) -> Iterable[Rejection]:
    if scope.asked.size:
        return
    request, inventory = search.request, search.inventory
    past = inventory.past
    if past is not None and past.first_price is not None and "buy" not in request.pricing:
        yield _no_prices_yet(past.as_of, past.first_price)
        return
    given = [name for name in _CONDITIONS if getattr(request, name)]
    shown = (*given, "pricing", *(() if request.as_of is None else ("as_of",)))
    words = ", ".join(f"{name}={_show(getattr(request, name))}" for name in shown)
    change = next(
        (
            Change(field=name, value=None, message=f"leave out {name}")
            for name in given
            if Scope(replace(request, **{name: getattr(PlanRequest(), name)}), inventory, today=today).asked.size
        ),
        None,
    )
    if change is None and Scope(replace(request, pricing=("on_demand", "spot")), inventory, today=today).asked.size:
        other = "spot" if "on_demand" in request.pricing else "on_demand"
        change = Change(field="pricing", value=other, message=f"allow {other} prices")
    message = f"no offer meets {words}" if inventory.offers else "the inventory holds no offers"
    nowhere = [name for name in request.region if inventory.offers and not inventory.where_region([name]).any()]
    if nowhere:
        nearest = inventory.places_like(nowhere[0])
        message += f"; nothing lies in {nowhere[0]}, the nearest are {', '.join(nearest)}" if nearest else ""
        # Further off it is no slip of the pen.
        is_slip = get_close_matches(nowhere[0].casefold(), [name.casefold() for name in nearest[:1]], cutoff=_A_SLIP)
        if is_slip and Scope(replace(request, region=(nearest[0],)), inventory, today=today).asked.size:
            change = Change(field="region", value=nearest[0], message=f"region {nearest[0]}")
    if OWNED in request.pricing and not inventory.fleet.nodes:
        message += "; it holds no machines of one's own"
    yield Rejection(
        reason="no_offers", count=len(inventory.offers), of="offers", message=message, smallest_change=change
    )


def _no_prices_yet(as_of: dt.date, first: dt.date) -> Rejection:
    return Rejection(
        reason="no_prices_yet",
        count=0,
        of="offers",
        message=f"no rental's price of {as_of} or before is known; the first is of {first}",
        nearest=NearestMiss(needed=as_of.isoformat(), available=first.isoformat(), unit="as_of"),
        smallest_change=Change(field="as_of", value=first.isoformat(), message=f"ask for the prices of {first}"),
    )


def _show(value: str | float | dt.date | tuple[str | int, ...]) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


def _round_up_to_cents(usd: float) -> float:
    return -(-round(usd * 10_000) // 100) / 100
