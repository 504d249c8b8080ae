"""Changes of the inventory's offers and of their prices, in a transaction that the caller opens."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Offer
from service.inventory.audit import Change, describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.entries import check_date, check_gpu_can_be_bought, check_offer, check_price
from service.inventory.errors import AlreadyThere, GpuNotFound, OfferNotFound
from service.inventory.import_tables import CatalogueOfferRow
from service.inventory.offer_entries import (
    SHAPE_FIELDS,
    OfferEntry,
    entry_of,
    get_current_price,
    get_offer_row,
    price_of,
    to_offer_entry,
)
from service.inventory.provider_changes import PROVIDER, Provider
from service.inventory.rows import from_offer
from service.inventory.tables import GpuRow, OfferRow, PriceRow, ProviderRow
from service.inventory.utc import now, today

OFFER: Final = "offer"
PRICE: Final = "price"
"""A price of an earlier day that joins an offer's history; a new current price is an update of the offer."""


async def set_price(
    session: AsyncSession,
    offer_id: str,
    *,
    usd_per_hour: float | None = None,
    purchase_usd: float | None = None,
    as_of: dt.date | None = None,
    as_of_basis: str = "exact",
    source: str = "entered by hand",
    price_kind: str | None = None,
    flags: tuple[str, ...] = (),
) -> bool:
    """Write a price of an offer down and return whether that changed anything.

    A rental has `usd_per_hour`, a purchase `purchase_usd`: what its GPUs cost once. `as_of` is today where it is not
    given, `price_kind` stays what it was. The price becomes the current one unless a price of a later day is known;
    then it joins the history. A price that is the current one in every field is no change.

    Raises:
        OfferNotFound: no offer has that identifier.
        InvalidEntry: a price or date that cannot be, or the price of a rental for a purchase.
    """
    as_of = check_date(today() if as_of is None else as_of)
    await hold_revision(session)
    offer = await get_offer_row(session, offer_id)
    usd_per_hour, purchase_usd = check_price(
        offer_id, pricing=offer.pricing, usd_per_hour=usd_per_hour, purchase_usd=purchase_usd
    )
    current = await get_current_price(session, offer_id)
    if current is None:
        raise OfferNotFound(f"The offer {offer_id[:80]!r} has no price to change.")
    before = to_offer_entry(offer, current)
    after = replace(
        before,
        usd_per_hour=usd_per_hour,
        purchase_usd=purchase_usd,
        price_kind=current.price_kind if price_kind is None else price_kind,
        as_of=as_of,
        as_of_basis=as_of_basis,
        source=source,
        flags=flags,
    )
    if after == before:
        return False
    await raise_revision(session, *await _keep_price(session, current, before=before, after=after))
    return True


async def update_offer(session: AsyncSession, before: OfferEntry, after: OfferEntry) -> None:
    """Make an offer what `after` says; the caller holds the revision, has read `before` in it and checked `after`.

    Another price joins the history as `set_price` has it. What the offer is already is no change.
    """
    if after == before:
        return
    offer = await get_offer_row(session, before.offer_id)
    for name in SHAPE_FIELDS:
        setattr(offer, name, getattr(after, name))
    await session.flush()
    if price_of(after) == price_of(before):
        await raise_revision(session, describe(OFFER, before.offer_id, before=before, after=after))
        return
    current = await get_current_price(session, before.offer_id)
    changes = await _keep_price(session, current, before=before, after=after)
    # An offer with a price is listed again, whatever its catalogue says.
    await session.execute(
        update(CatalogueOfferRow).where(CatalogueOfferRow.offer_id == before.offer_id).values(vanished_on=None)
    )
    await raise_revision(session, *changes)


async def add_offers(session: AsyncSession, offers: Sequence[Offer]) -> None:
    """Add offers with their prices, and their providers where those are new: one change.

    Raises:
        AlreadyThere: an offer of that identifier is there, or its provider is there under another kind.
        GpuNotFound: the inventory has no such GPU.
        InvalidEntry: a price, a date, a count or an identifier that cannot be.
    """
    await hold_revision(session)
    await raise_revision(session, *await insert_offers(session, offers))


async def insert_offers(session: AsyncSession, offers: Sequence[Offer]) -> list[Change]:
    """Do what `add_offers` does and return it, for a caller who holds and raises the revision."""
    changes: list[Change] = []
    deleted = {row[0]: row[1] for row in await session.execute(select(OfferRow.offer_id, OfferRow.deleted_at))}
    there = {offer_id for offer_id, deleted_at in deleted.items() if deleted_at is None}
    watts = {row[0]: row[1] for row in await session.execute(_select_watts())}
    kinds = {row[0]: row[1] for row in await session.execute(_select_kinds())}
    for offer in offers:
        check_offer(offer)
        if offer.offer_id in there:
            raise AlreadyThere(f"The offer {offer.offer_id!r} is in the inventory already.")
        there.add(offer.offer_id)
        if offer.gpu_id not in watts:
            raise GpuNotFound(f"The inventory has no GPU {offer.gpu_id[:80]!r}; add it before its offers.")
        check_gpu_can_be_bought(offer, tdp_watts=watts[offer.gpu_id])
        if offer.provider not in kinds:
            kinds[offer.provider] = offer.provider_kind
            provider = Provider(name=offer.provider, kind=offer.provider_kind)
            await session.merge(ProviderRow(name=offer.provider, kind=offer.provider_kind, deleted_at=None))
            changes.append(describe(PROVIDER, offer.provider, after=provider))
        elif kinds[offer.provider] != offer.provider_kind:
            raise AlreadyThere(
                f"The provider {offer.provider!r} is in the inventory as {kinds[offer.provider]!r},"
                f" not as {offer.provider_kind!r}."
            )
    # The tables are tied by keys, not as objects: what others point at goes first.
    await session.flush()
    for offer in offers:
        if offer.offer_id in deleted:
            # The catalogue that may have kept it once keeps it no more.
            await session.execute(delete(CatalogueOfferRow).where(CatalogueOfferRow.offer_id == offer.offer_id))
            await session.merge(from_offer(offer))
        else:
            session.add(from_offer(offer))
    await session.flush()
    entries = [entry_of(offer) for offer in offers]
    session.add_all([_price_row(entry, is_current=True) for entry in entries])
    await session.flush()
    return [*changes, *(describe(OFFER, entry.offer_id, after=entry) for entry in entries)]


async def remove_offer(session: AsyncSession, offer_id: str) -> None:
    """Remove an offer; its price history is kept, and no import brings it back.

    Raises:
        OfferNotFound: no offer has that identifier.
    """
    await hold_revision(session)
    offer, price = await get_offer_row(session, offer_id), await get_current_price(session, offer_id)
    before = to_offer_entry(offer, price)
    offer.deleted_at = now()
    if price is not None:
        price.is_current = False
    await session.flush()
    await raise_revision(session, describe(OFFER, offer_id, before=before))


def _select_watts() -> Select[str, float | None]:
    return select(GpuRow.gpu_id, GpuRow.tdp_watts).where(GpuRow.deleted_at.is_(None))


def _select_kinds() -> Select[str, str]:
    return select(ProviderRow.name, ProviderRow.kind).where(ProviderRow.deleted_at.is_(None))


async def _keep_price(
    session: AsyncSession, current: PriceRow | None, *, before: OfferEntry, after: OfferEntry
) -> list[Change]:
    """Write the price of `after` down, as the current one or into the history, and return what that changes."""
    changes: list[Change] = []
    if current is not None and after.as_of is not None and after.as_of < current.as_of:
        session.add(_price_row(after, is_current=False))
        changes.append(describe(PRICE, after.offer_id, after=price_of(after)))
        after = replace(after, **price_of(before))
    else:
        if current is not None:
            current.is_current = False
            await session.flush()  # the index allows one current price, so the old one must go first
        session.add(_price_row(after, is_current=True))
    await session.flush()
    if after != before:
        changes.append(describe(OFFER, after.offer_id, before=before, after=after))
    return changes


def _price_row(entry: OfferEntry, *, is_current: bool) -> PriceRow:
    return PriceRow(
        offer_id=entry.offer_id,
        is_current=is_current,
        **price_of(entry) | {"flags": list(entry.flags)},
        recorded_at=now(),
    )
