"""What cannot be of an offer: every field that does not fit the inventory, the calendar or the others."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from planner import suggest
from service.inventory.entries import PURCHASE, check_date, check_price
from service.inventory.errors import InvalidEntry
from service.inventory.identifiers import make_offer_id
from service.inventory.offer_entries import PRICE_FIELDS
from service.inventory.provider_changes import load_providers
from service.inventory.repository import load_gpus

_IDENTITY: Final = ("provider", "instance_type", "region", "pricing")
_PRICES: Final = ("pricing", "usd_per_hour", "purchase_usd")


async def find_offer_faults(session: AsyncSession, values: Mapping[str, Any]) -> list[InvalidEntry]:
    """Return what cannot be among fields of an offer; those that `values` does not have are not looked at.

    An offer may have no price at all, and then nothing of one.
    """
    found = [
        _find_id_fault(values),
        await _find_gpu_fault(session, values),
        await _find_provider_fault(session, values),
        _find_price_fault(values),
        _find_date_fault(values),
    ]
    return [fault for fault in found if fault is not None]


def _find_id_fault(values: Mapping[str, Any]) -> InvalidEntry | None:
    if not all(name in values for name in _IDENTITY):
        return None
    try:
        make_offer_id(
            values["provider"],
            instance_type=values["instance_type"],
            region=values["region"],
            pricing=values["pricing"],
        )
    except InvalidEntry as error:
        return InvalidEntry(str(error), field="instance_type", allowed="a shorter text")
    return None


async def _find_gpu_fault(session: AsyncSession, values: Mapping[str, Any]) -> InvalidEntry | None:
    if "gpu_id" not in values:
        return None
    gpu_id: str = values["gpu_id"]
    watts = {gpu.gpu_id: gpu.tdp_watts for gpu in await load_gpus(session)}
    if gpu_id not in watts:
        return _unknown("gpu_id", gpu_id, known=watts, where="/v1/inventory/gpus")
    if values.get("pricing") == PURCHASE and watts[gpu_id] is None:
        allowed = "a GPU whose tdp_watts are known: without them a purchase has no price an hour"
        return InvalidEntry(f"{gpu_id} has no tdp_watts.", field="gpu_id", allowed=allowed)
    return None


async def _find_provider_fault(session: AsyncSession, values: Mapping[str, Any]) -> InvalidEntry | None:
    known = [each.name for each in await load_providers(session)]
    if "provider" not in values or values["provider"] in known:
        return None
    return _unknown("provider", values["provider"], known=known, where="/v1/inventory/providers")


def _find_price_fault(values: Mapping[str, Any]) -> InvalidEntry | None:
    is_priced = any(values.get(name) for name in PRICE_FIELDS)
    if not is_priced or not all(name in values for name in _PRICES):
        return None
    pricing: str = values["pricing"]
    try:
        check_price(
            values.get("offer_id", "the offer"),
            pricing=pricing,
            usd_per_hour=values["usd_per_hour"],
            purchase_usd=values["purchase_usd"],
        )
    except InvalidEntry as error:
        field = "purchase_usd" if pricing == PURCHASE else "usd_per_hour"
        return InvalidEntry(str(error), field=field, allowed=f"{field} alone: the pricing is {pricing}")
    return None


def _find_date_fault(values: Mapping[str, Any]) -> InvalidEntry | None:
    if values.get("as_of") is None:
        return None
    try:
        check_date(values["as_of"])
    except InvalidEntry as error:
        return error
    return None


def _unknown(field: str, name: str, *, known: Iterable[str], where: str) -> InvalidEntry:
    nearest = suggest(name, {each: each for each in known})
    detail = f"The inventory has no {field} {name[:80]!r}. Nearest: {', '.join(nearest) or 'none'}."
    return InvalidEntry(detail, field=field, allowed=f"one that {where} lists", nearest=nearest)
