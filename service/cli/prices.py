"""`r1plan prices`: what the offers of a GPU cost through time."""

import datetime as dt
from typing import Final

import click
from msgspec import Struct
from rich.text import Text

from planner import InvalidRequest
from service.cli.consoles import make_table, open_console, print_table
from service.cli.errors import bad_input
from service.cli.json_output import print_json
from service.cli.local import local_settings, use_database
from service.cli.sparkline import draw_sparkline
from service.inventory.database import Database
from service.inventory.price_history import OfferPrices, load_prices_of_gpus
from service.inventory.repository import Price
from service.inventory.snapshot import load_snapshot
from service.inventory.utc import today
from service.seed import prepare

_EPILOG: Final = "Exit status: 0 prices, 2 no such GPU, 4 the database cannot be used."
_WIDTH: Final = 24
_SHOWN: Final = 20


class GpuPrices(Struct, frozen=True, kw_only=True):
    """The offers of the GPUs that were asked for, with all their prices."""

    gpu_ids: tuple[str, ...]
    offers: tuple[OfferPrices, ...]


@click.command(epilog=_EPILOG)
@click.argument("gpu")
@click.option("--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help="Most offers to show.")
@click.option("--json", "as_json", is_flag=True, help="Print all offers and their prices as JSON.")
def prices(*, gpu: str, limit: int, as_json: bool) -> None:
    """Show the price of each offer of GPU (an id, alias or family) through time, the cheapest first."""

    async def load(database: Database) -> GpuPrices:
        await prepare(database)
        gpu_ids = (await load_snapshot(database)).inventory.gpu_ids(gpu, field="gpu")
        async with database.read() as session:
            return GpuPrices(gpu_ids=gpu_ids, offers=tuple(await load_prices_of_gpus(session, gpu_ids)))

    try:
        found = use_database(local_settings(), load)
    except InvalidRequest as error:
        raise bad_input(error) from error
    if as_json:
        print_json(found)
    else:
        _print_prices(found, limit=limit)


def _print_prices(found: GpuPrices, *, limit: int) -> None:
    console = open_console()
    if not found.offers:
        console.print(f"No price of {', '.join(found.gpu_ids)} is known.")
        return
    first = min(offer.prices[0].as_of for offer in found.offers)
    last = max(today(), *(offer.prices[-1].as_of for offer in found.offers))
    table = make_table("offer", "GPUs")
    table.add_column(f"{first} to {last}", no_wrap=True)
    for title in ("lowest", "highest", "last"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("seen", no_wrap=True)
    shown = sorted(found.offers, key=_order)[:limit]
    for offer in shown:
        table.add_row(*_cells(offer, first=first, last=last))
    print_table(console, table)
    if len(shown) < len(found.offers):
        rest = f"... and {len(found.offers) - len(shown):,} dearer ones (--limit {len(found.offers)} shows all)"
        console.print(Text(rest, style="dim"))


def _order(offer: OfferPrices) -> tuple[bool, bool, float, str]:
    """Rentals before purchases, what can be had before what is gone, the cheapest first."""
    newest = offer.prices[-1]
    return newest.purchase_usd is not None, offer.vanished_on is not None, _usd(newest), offer.offer_id


def _cells(offer: OfferPrices, *, first: dt.date, last: dt.date) -> tuple[Text | str, ...]:
    days = [(price.as_of, _usd(price)) for price in offer.prices]
    chart = draw_sparkline(days, first=first, last=last, width=_WIDTH, end=offer.vanished_on)
    newest = offer.prices[-1]
    numbers = [min(usd for _, usd in days), max(usd for _, usd in days), days[-1][1]]
    seen = newest.as_of.isoformat() if offer.vanished_on is None else f"gone {offer.vanished_on}"
    unit = " once" if newest.purchase_usd is not None else "/h"
    return (
        offer.offer_id,
        f"{offer.gpu_count}x {offer.gpu_id}",
        Text(chart, style="cyan"),
        *(f"${usd:,.6g}{unit}" for usd in numbers),
        seen,
    )


def _usd(price: Price) -> float:
    return price.usd_per_hour or price.purchase_usd or 0.0
