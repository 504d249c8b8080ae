"""`/v1/inventory/offers`: machines for rent and GPUs for sale, each with its current price."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from litestar.openapi.spec import OpenAPIType, Reference, Schema
from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Field, Offer
from service.api.inventory.resource import Resource, make_router
from service.api.inventory.words import (
    Count,
    Country,
    InstanceType,
    KnownGpuId,
    ProviderName,
    PurchaseUsd,
    RateOrNone,
    Text,
    Texts,
    UsdPerHour,
)
from service.inventory.entries import PURCHASE, check_price
from service.inventory.errors import InvalidEntry, refuse_all
from service.inventory.identifiers import make_offer_id
from service.inventory.offer_changes import add_offers, remove_offer, update_offer
from service.inventory.offer_entries import OfferEntry, load_offer_entries, load_offer_entry, price_of
from service.inventory.offer_faults import find_offer_faults
from service.inventory.provider_changes import load_provider
from service.inventory.utc import today

_BY_HAND: Final = "entered by hand"
_EXACT: Final = "exact"
_PRICE: Final = ("usd_per_hour", "purchase_usd", "price_kind")


class OfferEntryList(Struct, frozen=True, kw_only=True):
    """Offers by identifier; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[OfferEntry, ...]
    next_cursor: str | None


class OfferChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of an offer.

    A rental has `usd_per_hour`, a purchase (`buy`) `purchase_usd`. A new price is dated today, exact and entered by
    hand where the body says nothing else; one of an earlier day than the current price joins the history only.
    """

    gpu_id: KnownGpuId
    gpu_count: Count
    country: Country = ""
    continent: Literal["", "AF", "AN", "AS", "EU", "NA", "OC", "SA"] = ""
    vcpus: RateOrNone | None = None
    ram_gb: RateOrNone | None = None
    host_billed_separately: bool = False
    usd_per_hour: UsdPerHour | None = None
    purchase_usd: PurchaseUsd | None = None
    price_kind: Literal["listed", "indicative"] = "listed"
    as_of: dt.date | None = None
    as_of_basis: Text = _EXACT
    source: Text = _BY_HAND
    flags: Texts = []


class NewOffer(OfferChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer to create; its identifier follows from provider, instance type, region and pricing."""

    provider: ProviderName
    instance_type: InstanceType
    region: Text = ""
    pricing: Literal["on_demand", "spot", "buy"]


def _priced(title: str, *, pricing: Sequence[str], price: str, none: str) -> Schema:
    """Return the schema of offers of these ways of paying, which have one price and not the other."""
    properties: dict[str, Schema | Reference] = {
        "pricing": Schema(enum=list(pricing)),
        price: Schema(type=OpenAPIType.NUMBER),
        none: Schema(type=OpenAPIType.NULL),
    }
    return Schema(title=title, type=OpenAPIType.OBJECT, properties=properties, required=["pricing", price])


class Offers(Resource[OfferEntry]):
    """The offers of the inventory, those without a current price too."""

    path = "offers"
    noun = "offer"
    id_name = "offer_id"
    thing = OfferEntry
    page = OfferEntryList
    creation = NewOffer
    change = OfferChange
    one_of = (
        _priced("A rental", pricing=("on_demand", "spot"), price="usd_per_hour", none="purchase_usd"),
        _priced("A purchase", pricing=(PURCHASE,), price="purchase_usd", none="usd_per_hour"),
    )
    filters: Mapping[str, Field] = {  # pyright: ignore[reportIncompatibleVariableOverride]  (a class constant)
        "gpu_id": Field(kind="text", example="l4", description="Offers of this GPU only, by its identifier."),
        "provider": Field(kind="text", example="aws", description="Offers of this provider only."),
    }

    async def load(self, session: AsyncSession, thing_id: str) -> OfferEntry:
        """Return the offer of that identifier."""
        return await load_offer_entry(session, thing_id)

    async def load_page(self, session: AsyncSession, *, after: str, limit: int, **filters: Any) -> Sequence[OfferEntry]:  # noqa: ANN401 - by `filters`
        """Return the first `limit` offers after that identifier."""
        return await load_offer_entries(session, after=after, limit=limit, **filters)

    def identify(self, values: NewOffer) -> str:
        """Return the offer's identifier, which follows from what it is."""
        return make_offer_id(
            values.provider, instance_type=values.instance_type, region=values.region, pricing=values.pricing
        )

    async def find_faults(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[InvalidEntry]:
        """Return what cannot be of an offer."""
        return await find_offer_faults(session, values)

    async def create(self, session: AsyncSession, values: NewOffer) -> None:
        """Add the offer with its price."""
        fields: dict[str, Any] = {**asdict(values), "flags": tuple(values.flags), "as_of": values.as_of or today()}
        entry = await _check(session, OfferEntry(offer_id=self.identify(values), **fields))
        provider = await load_provider(session, entry.provider)
        # A purchase has no price an hour of its own.
        fields |= {**asdict(entry), "usd_per_hour": entry.usd_per_hour or 0.0}
        await add_offers(session, [Offer(provider_kind=provider.kind, **fields)])

    async def update(self, session: AsyncSession, thing: OfferEntry, changes: dict[str, Any]) -> None:
        """Change the offer's fields given."""
        if "flags" in changes:
            changes["flags"] = tuple(changes["flags"])
        if any(name in changes for name in _PRICE):
            kind = thing.price_kind or "listed"
            changes = {"price_kind": kind, "as_of": None, "as_of_basis": _EXACT, "source": _BY_HAND, **changes}
        if "as_of" in changes:
            changes["as_of"] = changes["as_of"] or today()
        await update_offer(session, thing, await _check(session, replace(thing, **changes)))

    async def remove(self, session: AsyncSession, thing_id: str) -> None:
        """Delete the offer; its prices stay as history."""
        await remove_offer(session, thing_id)


async def _check(session: AsyncSession, entry: OfferEntry) -> OfferEntry:
    """Return an offer whose fields fit each other and the inventory, its price rounded to what is kept."""
    refuse_all(await find_offer_faults(session, asdict(entry)))
    if not any(price_of(entry).values()):
        return entry
    usd_per_hour, purchase_usd = check_price(
        entry.offer_id, pricing=entry.pricing, usd_per_hour=entry.usd_per_hour, purchase_usd=entry.purchase_usd
    )
    return replace(entry, usd_per_hour=usd_per_hour, purchase_usd=purchase_usd)


ROUTER: Final = make_router(Offers())
