"""What an import did, or would do: the numbers, and the rows behind them."""

import datetime as dt

from msgspec import Struct

from planner import Offer
from service.inventory.entries import check_price_of
from service.inventory.importers.catalogue import Catalogue
from service.inventory.importers.difference import Difference, KnownOffer, Past


class PriceChange(Struct, frozen=True, kw_only=True, gc=False):
    """An offer and its price: in US dollars an hour, or `purchase_usd` once for GPUs that are bought.

    The old ones are None for an offer that was not there, the new ones for one that went. `note` says what else there
    is to say.
    """

    offer_id: str
    gpu_id: str
    gpu_count: int
    old_usd_per_hour: float | None
    new_usd_per_hour: float | None
    old_purchase_usd: float | None = None
    new_purchase_usd: float | None = None
    note: str = ""


class RefusedRow(Struct, frozen=True, kw_only=True):
    """A row that was not imported, and why."""

    line: int
    reason: str


class RowsLeftOut(Struct, frozen=True, kw_only=True):
    """How many rows were left out for one reason, and the first of them."""

    reason: str
    rows: int
    first_line: int


class UnresolvedGpu(Struct, frozen=True, kw_only=True):
    """A GPU that cannot be told: it waits in the review list. `memory_gib` is 0 where the catalogue tells none."""

    name: str
    machine: str
    memory_gib: float
    reason: str
    candidates: tuple[str, ...]
    rows: int
    first_line: int


class CatalogueReport(Struct, frozen=True, kw_only=True):
    """What one catalogue changed or would change.

    `added_to_history` are prices of an earlier day than what the inventory knows of their offers. `confirmed` are
    offers whose price is the same on a later day, `newer_known` those of which the inventory knows a later day's price
    and this one too, `unchanged` the rest. `later_list` is the day of the catalogue's next list that was imported
    already: then this one is old, and nothing vanishes. `kept` are offers that it does not name and that stay: one of
    them may stand in a row that cannot be read.
    """

    catalogue: str
    location: str
    checksum_sha256: str
    as_of: dt.date
    as_of_basis: str
    later_list: dt.date | None
    rows_read: int
    added: tuple[PriceChange, ...]
    changed: tuple[PriceChange, ...]
    vanished: tuple[PriceChange, ...]
    added_to_history: tuple[PriceChange, ...]
    confirmed: int
    unchanged: int
    newer_known: int
    kept: int
    left_out: tuple[RowsLeftOut, ...]
    refused: tuple[RefusedRow, ...]
    unresolved: tuple[UnresolvedGpu, ...]

    @property
    def rows_left_out(self) -> int:
        """Rows that were understood and are no offer of a whole GPU."""
        return sum(each.rows for each in self.left_out)

    @property
    def rows_unresolved(self) -> int:
        """Rows whose GPU cannot be told."""
        return sum(each.rows for each in self.unresolved)


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did (`is_dry_run`: would do); `revision` is the inventory's after it."""

    is_dry_run: bool
    revision: int
    catalogues: tuple[CatalogueReport, ...]


def make_report(
    catalogue: Catalogue,
    difference: Difference,
    *,
    location: str,
    checksum: str,
    as_of: dt.date,
    as_of_basis: str,
    later: dt.date | None,
) -> CatalogueReport:
    """Return the report of one catalogue."""
    added = [_change(None, offer) for offer in difference.added]
    returned = [_change(None, each.offer, word="is back") for each in difference.returned]
    changed = [_change(each.known, each.offer) for each in difference.changed]
    vanished = [_change(each, None) for each in difference.vanished]
    refused = sorted((*catalogue.refused, *difference.refused), key=lambda each: each.line)
    return CatalogueReport(
        catalogue=catalogue.name,
        location=location,
        checksum_sha256=checksum,
        as_of=as_of,
        as_of_basis=as_of_basis,
        later_list=later,
        rows_read=catalogue.rows_read,
        added=(*added, *returned),
        changed=tuple(changed),
        vanished=tuple(vanished),
        added_to_history=tuple(map(_join, difference.past)),
        confirmed=len(difference.confirmed),
        unchanged=difference.unchanged,
        newer_known=difference.newer_known,
        kept=difference.kept,
        left_out=tuple(
            RowsLeftOut(reason=each.reason, rows=each.rows, first_line=each.first_line)
            for each in sorted(catalogue.left_out.values(), key=lambda each: -each.rows)
        ),
        refused=tuple(RefusedRow(line=each.line, reason=each.reason) for each in refused),
        unresolved=tuple(
            UnresolvedGpu(
                name=each.key.name,
                machine=each.key.machine,
                memory_gib=each.key.memory_gib,
                reason=each.reason,
                candidates=each.candidates,
                rows=each.rows,
                first_line=each.first_line,
            )
            for each in catalogue.doubts.values()
        ),
    )


def _join(past: Past) -> PriceChange:
    gone = ("listed no more",) if past.known is None else ()
    return _change(None, past.offer, word=", ".join((f"of {past.offer.as_of}", *gone)))


def _change(known: KnownOffer | None, offer: Offer | None, *, word: str = "") -> PriceChange:
    there = offer or known
    if there is None:
        raise ValueError("a change of nothing")
    new_usd_per_hour, new_purchase_usd = (None, None) if offer is None else check_price_of(offer)
    kind = "" if offer is None or offer.price_kind == "listed" else offer.price_kind
    return PriceChange(
        offer_id=there.offer_id,
        gpu_id=there.gpu_id,
        gpu_count=there.gpu_count,
        old_usd_per_hour=None if known is None else known.usd_per_hour,
        new_usd_per_hour=new_usd_per_hour,
        old_purchase_usd=None if known is None else known.purchase_usd,
        new_purchase_usd=new_purchase_usd,
        note=", ".join(each for each in (word, kind) if each),
    )
