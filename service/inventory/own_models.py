"""Models that their owner describes by a config.json: kept, read, added and removed."""

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import JSON, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from planner import InvalidRequest, ModelSpec, read_own_model
from service.inventory.audit import describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.errors import AlreadyThere, ModelNotFound
from service.inventory.tables import Table
from service.inventory.utc import now

MODEL: Final = "model"

_log = logging.getLogger(__name__)


class ModelRow(Table):
    """A model by its config.json, kept as it was given, so that it is read by the newest rules."""

    __tablename__ = "models"

    model_id: Mapped[str] = mapped_column(primary_key=True)
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    added_at: Mapped[dt.datetime]


async def load_models(session: AsyncSession) -> list[ModelSpec]:
    """Return all models that were added, by identifier; one that the rules no longer cover is logged and left out."""
    found: list[ModelSpec] = []
    for row in await session.scalars(select(ModelRow).order_by(ModelRow.model_id)):
        try:
            found.append(read_own_model(row.config, name=row.model_id))
        except InvalidRequest as error:
            _log.warning("left out model=%r reason=%s", row.model_id, error)
    return found


async def add_model(session: AsyncSession, config: Mapping[str, object], *, name: str | None = None) -> ModelSpec:
    """Add the model that `config` describes, under `name` or what it calls itself: one change.

    Raises:
        InvalidRequest: a config that no rule covers, or a name that cannot be or that another model bears.
        AlreadyThere: a model of that name was added before.
    """
    spec = read_own_model(config, name=name)
    await hold_revision(session)
    names = {known.casefold() for known in await session.scalars(select(ModelRow.model_id))}
    if spec.model_id.casefold() in names:
        raise AlreadyThere(f"The model {spec.model_id!r} is in the inventory already; remove it first.")
    session.add(ModelRow(model_id=spec.model_id, config=dict(config), added_at=now()))
    await session.flush()
    await raise_revision(session, describe(MODEL, spec.model_id, after=config))
    return spec


async def remove_model(session: AsyncSession, model_id: str) -> None:
    """Remove a model that was added: one change.

    Raises:
        ModelNotFound: none of that name was added.
    """
    await hold_revision(session)
    row = await session.get(ModelRow, model_id)
    if row is None:
        raise ModelNotFound(f"No model {model_id[:80]!r} was added to the inventory.")
    await session.execute(delete(ModelRow).where(ModelRow.model_id == model_id))
    await raise_revision(session, describe(MODEL, model_id, before=row.config))
