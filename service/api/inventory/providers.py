"""`/v1/inventory/providers`: who rents machines out, or sells GPUs."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from service.api.inventory.resource import Resource, make_router
from service.api.inventory.words import Name
from service.inventory.provider_changes import (
    Provider,
    add_provider,
    load_provider,
    load_providers,
    remove_provider,
    update_provider,
)


class ProviderList(Struct, frozen=True, kw_only=True):
    """Providers by name; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[Provider, ...]
    next_cursor: str | None


class ProviderChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a provider."""

    kind: Literal["hyperscaler", "cloud", "marketplace", "serverless", "retail"]


class NewProvider(ProviderChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider to create."""

    name: Name


class Providers(Resource[Provider]):
    """The providers of the inventory."""

    path = "providers"
    noun = "provider"
    id_name = "name"
    thing = Provider
    page = ProviderList
    creation = NewProvider
    change = ProviderChange

    async def load(self, session: AsyncSession, thing_id: str) -> Provider:
        """Return the provider of that name."""
        return await load_provider(session, thing_id)

    async def load_page(self, session: AsyncSession, *, after: str, limit: int, **filters: Any) -> Sequence[Provider]:  # noqa: ANN401 - none
        """Return the first `limit` providers after that name."""
        return await load_providers(session, after=after, limit=limit, **filters)

    def identify(self, values: NewProvider) -> str:
        """Return the provider's name."""
        return values.name

    async def create(self, session: AsyncSession, values: NewProvider) -> None:
        """Add the provider."""
        await add_provider(session, Provider(name=values.name, kind=values.kind))

    async def update(self, session: AsyncSession, thing: Provider, changes: dict[str, Any]) -> None:
        """Change the provider's kind."""
        await update_provider(session, replace(thing, **changes))

    async def remove(self, session: AsyncSession, thing_id: str) -> None:
        """Delete a provider without offers."""
        await remove_provider(session, thing_id)


ROUTER: Final = make_router(Providers())
