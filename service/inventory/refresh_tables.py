"""The table of sources that are read again and again."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from service.inventory.tables import Table


class RefreshSourceRow(Table):
    """A catalogue that is read by a schedule: where it lies, when it is due, and how it went last.

    `provider`, `provider_kind` and `list_name` are as for an import. `location` may hold a key in its query: it is
    shown without one.
    """

    __tablename__ = "refresh_sources"

    name: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str]
    location: Mapped[str]
    provider: Mapped[str | None]
    provider_kind: Mapped[str | None]
    list_name: Mapped[str | None]
    schedule: Mapped[str]
    is_enabled: Mapped[bool]
    added_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    last_tried_at: Mapped[dt.datetime | None]
    last_success_at: Mapped[dt.datetime | None]
    last_result: Mapped[str | None]
    last_error_at: Mapped[dt.datetime | None]
    last_error: Mapped[str | None]
