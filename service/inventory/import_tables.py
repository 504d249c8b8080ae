"""The tables of imports: what was imported and when, which offers each catalogue lists, and the GPU names in doubt."""

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.inventory.tables import Table


class ImportRow(Table):
    """One catalogue as it was imported once.

    `catalogue` names it (`skypilot:aws`), `location` is the file or address it came from, `checksum_sha256` that of its
    bytes; `as_of` is the day its prices are of. The numbers count offers, except `rows_read`, `left_out`, `refused` and
    `unresolved`, which count rows of the catalogue. An offer of which only an earlier day's price was new is unchanged.
    """

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue: Mapped[str] = mapped_column(index=True)
    location: Mapped[str]
    checksum_sha256: Mapped[str]
    as_of: Mapped[dt.date]
    as_of_basis: Mapped[str]
    imported_at: Mapped[dt.datetime]
    rows_read: Mapped[int]
    left_out: Mapped[int]
    refused: Mapped[int]
    unresolved: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    confirmed: Mapped[int]
    unchanged: Mapped[int]
    vanished: Mapped[int]


class CatalogueOfferRow(Table):
    """An offer that an import brought into the inventory: the catalogue that keeps it.

    `vanished_on` is the day from which the catalogue lists it no more; then it has no current price, only its history.
    An offer without a row here belongs to no catalogue, and no import may let it vanish.
    """

    __tablename__ = "catalogue_offers"

    offer_id: Mapped[str] = mapped_column(ForeignKey("offers.offer_id", ondelete="CASCADE"), primary_key=True)
    catalogue: Mapped[str] = mapped_column(index=True)
    vanished_on: Mapped[dt.date | None]


class GpuReviewRow(Table):
    """A GPU as a catalogue names it that cannot be told which one it is: it waits until a person says so.

    `machine` is the instance type for a name that means different GPUs in different machines. `memory_gib` is what the
    catalogue says one GPU has, 0 where it says nothing. `gpu_id` is the person's answer; the next import follows it.
    """

    __tablename__ = "gpu_review"
    __table_args__ = (UniqueConstraint("catalogue", "name", "machine", "memory_gib"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue: Mapped[str]
    name: Mapped[str]
    machine: Mapped[str]
    memory_gib: Mapped[float]
    reason: Mapped[str]
    candidates: Mapped[list[str]]
    rows: Mapped[int]
    first_line: Mapped[int]
    seen_at: Mapped[dt.datetime]
    gpu_id: Mapped[str | None] = mapped_column(ForeignKey("gpus.gpu_id", ondelete="SET NULL"))
    decided_at: Mapped[dt.datetime | None]
