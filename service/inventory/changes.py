"""Changes of the inventory; each raises its revision.

A change belongs into a transaction that the caller opens (`Database.change`); nothing here commits.
"""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu, Offer
from service.inventory.entries import check_date, check_gpu_can_be_bought, check_offer, check_price, check_price_of
from service.inventory.errors import AlreadyThere, GpuNotFound, OfferNotFound, StillInUse
from service.inventory.rows import from_gpu, from_offer
from service.inventory.tables import GpuRow, InventoryRevision, OfferRow, PriceRow, ProviderRow
from service.inventory.utc import now, today


async def hold_revision(session: AsyncSession) -> None:
    """Make this transaction the only one that changes the inventory, until it ends."""
    # An update that changes nothing still takes the lock, on PostgreSQL the row's and on SQLite the file's.
    await session.execute(update(InventoryRevision).values(revision=InventoryRevision.revision))


async def raise_revision(session: AsyncSession) -> None:
    """Count one change of the inventory."""
    await session.execute(update(InventoryRevision).values(revision=InventoryRevision.revision + 1, changed_at=now()))


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
    offer = await _get_offer(session, offer_id)
    usd_per_hour, purchase_usd = check_price(
        offer_id, pricing=offer.pricing, usd_per_hour=usd_per_hour, purchase_usd=purchase_usd
    )
    current = await session.scalar(select(PriceRow).where(PriceRow.offer_id == offer_id, PriceRow.is_current))
    if current is None:
        raise OfferNotFound(f"The offer {offer_id[:80]!r} has no price to change.")
    entry = _price_row(
        offer_id,
        usd_per_hour=usd_per_hour,
        purchase_usd=purchase_usd,
        price_kind=current.price_kind if price_kind is None else price_kind,
        as_of=as_of,
        as_of_basis=as_of_basis,
        source=source,
        flags=flags,
    )
    if _say_the_same(entry, current):
        return False
    entry.is_current = as_of >= current.as_of
    if entry.is_current:
        current.is_current = False
        await session.flush()  # the index allows one current price, so the old one must go first
    session.add(entry)
    await raise_revision(session)
    return True


async def add_gpus(session: AsyncSession, gpus: Sequence[Gpu]) -> None:
    """Add GPUs: one change.

    Raises:
        AlreadyThere: a GPU of that identifier is there.
    """
    await hold_revision(session)
    await insert_gpus(session, gpus)
    await raise_revision(session)


async def insert_gpus(session: AsyncSession, gpus: Sequence[Gpu]) -> None:
    """Do what `add_gpus` does, for a caller who holds and raises the revision."""
    gpu_ids = set(await session.scalars(select(GpuRow.gpu_id)))
    for gpu in gpus:
        if gpu.gpu_id in gpu_ids:
            raise AlreadyThere(f"The GPU {gpu.gpu_id!r} is in the inventory already.")
        gpu_ids.add(gpu.gpu_id)
    session.add_all([from_gpu(gpu) for gpu in gpus])
    await session.flush()


async def remove_gpu(session: AsyncSession, gpu_id: str) -> None:
    """Remove a GPU that no offer stands on.

    Raises:
        GpuNotFound: no GPU has that identifier.
        StillInUse: offers stand on it.
    """
    await hold_revision(session)
    if await session.get(GpuRow, gpu_id) is None:
        raise GpuNotFound(f"The inventory has no GPU {gpu_id[:80]!r}.")
    if await session.scalar(select(exists().where(OfferRow.gpu_id == gpu_id))):
        raise StillInUse(f"Offers stand on the GPU {gpu_id!r}; remove them first.")
    await session.execute(delete(GpuRow).where(GpuRow.gpu_id == gpu_id))
    await raise_revision(session)


async def add_offers(session: AsyncSession, offers: Sequence[Offer]) -> None:
    """Add offers with their prices, and their providers where those are new: one change.

    Raises:
        AlreadyThere: an offer of that identifier is there, or its provider is there under another kind.
        GpuNotFound: the inventory has no such GPU.
        InvalidEntry: a price, a date, a count or an identifier that cannot be.
    """
    await hold_revision(session)
    await insert_offers(session, offers)
    await raise_revision(session)


async def insert_offers(session: AsyncSession, offers: Sequence[Offer]) -> None:
    """Do what `add_offers` does, for a caller who holds and raises the revision."""
    offer_ids = set(await session.scalars(select(OfferRow.offer_id)))
    watts = {row.gpu_id: row.tdp_watts for row in await session.execute(select(GpuRow.gpu_id, GpuRow.tdp_watts))}
    kinds = {row.name: row.kind for row in await session.execute(select(ProviderRow.name, ProviderRow.kind))}
    for offer in offers:
        check_offer(offer)
        if offer.offer_id in offer_ids:
            raise AlreadyThere(f"The offer {offer.offer_id!r} is in the inventory already.")
        offer_ids.add(offer.offer_id)
        if offer.gpu_id not in watts:
            raise GpuNotFound(f"The inventory has no GPU {offer.gpu_id[:80]!r}; add it before its offers.")
        check_gpu_can_be_bought(offer, tdp_watts=watts[offer.gpu_id])
        if offer.provider not in kinds:
            kinds[offer.provider] = offer.provider_kind
            session.add(ProviderRow(name=offer.provider, kind=offer.provider_kind))
        elif kinds[offer.provider] != offer.provider_kind:
            raise AlreadyThere(
                f"The provider {offer.provider!r} is in the inventory as {kinds[offer.provider]!r},"
                f" not as {offer.provider_kind!r}."
            )
    # The tables are tied by keys, not as objects: what others point at goes first.
    await session.flush()
    session.add_all([from_offer(offer) for offer in offers])
    await session.flush()
    session.add_all([_first_price(offer) for offer in offers])
    await session.flush()


async def remove_offer(session: AsyncSession, offer_id: str) -> None:
    """Remove an offer and its price history.

    Raises:
        OfferNotFound: no offer has that identifier.
    """
    await hold_revision(session)
    await session.delete(await _get_offer(session, offer_id))
    await raise_revision(session)


def _price_row(
    offer_id: str,
    *,
    usd_per_hour: float | None,
    purchase_usd: float | None,
    price_kind: str,
    as_of: dt.date,
    as_of_basis: str,
    source: str,
    flags: tuple[str, ...],
) -> PriceRow:
    return PriceRow(
        offer_id=offer_id,
        is_current=False,
        usd_per_hour=usd_per_hour,
        purchase_usd=purchase_usd,
        price_kind=price_kind,
        as_of=as_of,
        as_of_basis=as_of_basis,
        source=source,
        flags=list(flags),
        recorded_at=now(),
    )


def _first_price(offer: Offer) -> PriceRow:
    usd_per_hour, purchase_usd = check_price_of(offer)
    price = _price_row(
        offer.offer_id,
        usd_per_hour=usd_per_hour,
        purchase_usd=purchase_usd,
        price_kind=offer.price_kind,
        as_of=offer.as_of,
        as_of_basis=offer.as_of_basis,
        source=offer.source,
        flags=offer.flags,
    )
    price.is_current = True
    return price


def _say_the_same(one: PriceRow, other: PriceRow) -> bool:
    fields = ("usd_per_hour", "purchase_usd", "price_kind", "as_of", "as_of_basis", "source", "flags")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


async def _get_offer(session: AsyncSession, offer_id: str) -> OfferRow:
    offer = await session.get(OfferRow, offer_id)
    if offer is None:
        raise OfferNotFound(f"The inventory has no offer {offer_id[:80]!r}.")
    return offer
