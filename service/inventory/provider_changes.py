"""The inventory's providers: read and changed, in a transaction that the caller opens."""

from typing import Final

from msgspec import Struct
from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.audit import describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.errors import AlreadyThere, ProviderNotFound, StillInUse
from service.inventory.tables import OfferRow, ProviderRow
from service.inventory.utc import now

PROVIDER: Final = "provider"


class Provider(Struct, frozen=True, kw_only=True):
    """Who rents machines out, or sells GPUs."""

    name: str
    kind: str


async def load_provider(session: AsyncSession, name: str) -> Provider:
    """Return the provider of that name; raises ProviderNotFound."""
    row = await session.get(ProviderRow, name)
    if row is None or row.deleted_at is not None:
        raise ProviderNotFound(f"The inventory has no provider {name[:80]!r}.")
    return Provider(name=row.name, kind=row.kind)


async def load_providers(session: AsyncSession, *, after: str = "", limit: int | None = None) -> list[Provider]:
    """Return all providers, or the first `limit`, whose name comes after `after`, by name."""
    rows = await session.scalars(
        select(ProviderRow)
        .where(ProviderRow.deleted_at.is_(None), ProviderRow.name > after)
        .order_by(ProviderRow.name)
        .limit(limit)
    )
    return [Provider(name=row.name, kind=row.kind) for row in rows]


async def add_provider(session: AsyncSession, provider: Provider) -> None:
    """Add a provider: one change.

    Raises:
        AlreadyThere: one of that name is there, in capitals or not.
    """
    await hold_revision(session)
    for there in await load_providers(session):
        if there.name.casefold() == provider.name.casefold():
            raise AlreadyThere(f"The provider {there.name!r} is in the inventory already.", there=there)
    await session.merge(ProviderRow(name=provider.name, kind=provider.kind, deleted_at=None))
    await session.flush()
    await raise_revision(session, describe(PROVIDER, provider.name, after=provider))


async def update_provider(session: AsyncSession, provider: Provider) -> None:
    """Make the provider of that name what is given; what it is already is no change.

    Raises:
        ProviderNotFound: none of that name is there.
    """
    await hold_revision(session)
    before = await load_provider(session, provider.name)
    if provider == before:
        return
    await session.execute(update(ProviderRow).where(ProviderRow.name == provider.name).values(kind=provider.kind))
    await raise_revision(session, describe(PROVIDER, provider.name, before=before, after=provider))


async def remove_provider(session: AsyncSession, name: str) -> None:
    """Remove a provider that has no offers.

    Raises:
        ProviderNotFound: none of that name is there.
        StillInUse: it has offers.
    """
    await hold_revision(session)
    before = await load_provider(session, name)
    if await session.scalar(select(exists().where(OfferRow.provider == name, OfferRow.deleted_at.is_(None)))):
        raise StillInUse(f"The provider {name!r} has offers; remove them first.")
    await session.execute(update(ProviderRow).where(ProviderRow.name == name).values(deleted_at=now()))
    await raise_revision(session, describe(PROVIDER, name, before=before))
