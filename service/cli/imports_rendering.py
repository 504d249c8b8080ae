"""What an import did, as a person reads it on a terminal."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.consoles import make_table, open_console, print_table
from service.inventory.importers.report import CatalogueReport, ImportReport, PriceChange, UnresolvedGpu

_SHOWN_DIGITS: Final = 16


def print_report(report: ImportReport, *, show: int) -> None:
    """Print the numbers of each catalogue and up to `show` lines of each list behind them; 0 shows all."""
    console = open_console()
    for each in report.catalogues:
        console.print(
            f"{each.catalogue}: {each.location}, prices of {each.as_of} ({each.as_of_basis}),"
            f" SHA-256 {each.checksum_sha256[:_SHOWN_DIGITS]}",
            soft_wrap=True,
        )
        if each.later_list is not None:
            console.print(
                f"{each.catalogue}: a list of {each.later_list} was imported already. Of this older one the prices join"
                f" the history; nothing vanishes.",
                soft_wrap=True,
            )
        if each.kept:
            console.print(
                f"{each.catalogue}: {each.kept:,} offers that are not listed stay: of a refused row it cannot be told"
                " whose it is, and it may be one of theirs.",
                soft_wrap=True,
            )
    print_table(console, _numbers(report))
    for each in report.catalogues:
        _print_lists(console, each, show=show)
    if report.is_dry_run:
        console.print("Dry run: nothing was changed.")
    else:
        console.print(f"The inventory is at revision {report.revision}.")


def _numbers(report: ImportReport) -> Table:
    table = make_table()
    table.add_column("catalogue")
    for title in (
        "rows",
        "added",
        "changed",
        "vanished",
        "confirmed",
        "unchanged",
        "newer known",
        "history",
        "left out",
        "refused",
        "in doubt",
    ):
        table.add_column(title, justify="right")
    for each in report.catalogues:
        numbers = (
            each.rows_read,
            len(each.added),
            len(each.changed),
            len(each.vanished),
            each.confirmed,
            each.unchanged,
            each.newer_known,
            len(each.added_to_history),
            each.rows_left_out,
            len(each.refused),
            each.rows_unresolved,
        )
        table.add_row(each.catalogue, *(f"{number:,}" for number in numbers))
    return table


def _print_lists(console: Console, report: CatalogueReport, *, show: int) -> None:
    lists: tuple[tuple[str, Sequence[str]], ...] = (
        ("added", [f"{_shape(each)} at {_new(each)}{_note(each)}" for each in report.added]),
        (
            "changed",
            [f"{_shape(each)} from {_old(each)} to {_new(each)}{_note(each)}" for each in report.changed],
        ),
        ("vanished", [f"{_shape(each)}, last at {_old(each)}" for each in report.vanished]),
        (
            "added to the history",
            [f"{_shape(each)} at {_new(each)}{_note(each)}" for each in report.added_to_history],
        ),
        (
            "left out",
            [f"{each.rows:,} rows, the first in line {each.first_line}: {each.reason}" for each in report.left_out],
        ),
        ("refused", [f"line {each.line}: {each.reason}" for each in report.refused]),
        (
            "in doubt, in the review list",
            [_doubt(each) for each in report.unresolved],
        ),
    )
    for title, lines in lists:
        if lines:
            console.print(Text(f"{report.catalogue}: {title} ({len(lines):,})", style="bold"))
            shown = lines if show == 0 else lines[:show]
            for line in shown:
                console.print(Text(f"  {line}"), soft_wrap=True)
            if len(shown) < len(lines):
                console.print(Text(f"  ... and {len(lines) - len(shown):,} more (--show 0 shows all)", style="dim"))


def _shape(change: PriceChange) -> str:
    return f"{change.offer_id} ({change.gpu_count}x {change.gpu_id})"


def _old(change: PriceChange) -> str:
    return _usd(change.old_usd_per_hour, change.old_purchase_usd)


def _new(change: PriceChange) -> str:
    return _usd(change.new_usd_per_hour, change.new_purchase_usd)


def _usd(usd_per_hour: float | None, purchase_usd: float | None) -> str:
    if purchase_usd is not None:
        return f"${purchase_usd:,.2f} once"
    return "no price" if usd_per_hour is None else f"${usd_per_hour:.6g}/h"


def _note(change: PriceChange) -> str:
    return f" ({change.note})" if change.note else ""


def _doubt(unresolved: UnresolvedGpu) -> str:
    machine = f" in {unresolved.machine}" if unresolved.machine else ""
    candidates = f" ({', '.join(unresolved.candidates)})" if unresolved.candidates else ""
    return (
        f"{unresolved.name or 'no name'}{machine}, {unresolved.rows:,} rows, the first in line"
        f" {unresolved.first_line}: {unresolved.reason}{candidates}"
    )
