"""The table of imports that were handed in over the API."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from service.inventory.tables import Table


class ImportJobRow(Table):
    """An upload and what became of it.

    `step`, `done` and `total` tell how far it is. `summary` is written in the transaction of the import, together with
    the state `done`: a job is done if and only if its offers are in the inventory.
    """

    __tablename__ = "import_jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    format: Mapped[str]
    name: Mapped[str | None]
    size_bytes: Mapped[int]
    is_dry_run: Mapped[bool]
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    step: Mapped[str | None]
    done: Mapped[int]
    total: Mapped[int]
    error: Mapped[str | None]
    result: Mapped[str | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
