"""The gpuhunt catalogue: one CSV file for each provider, on-demand and spot prices on rows of their own."""

from collections.abc import Iterable, Iterator
from typing import Final

from service.inventory.importers.csv_rows import CsvRow, read_csv_rows
from service.inventory.importers.findings import Finding, LeftOut, Machine, Refused
from service.inventory.importers.numbers import Unreadable, read_number, read_price, read_truth
from service.inventory.importers.providers import Provider

# gpu_vendor, flags, cpu_arch and provider_data are missing in older files, and disk_size tells nothing of the price.
COLUMNS: Final = ("instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "spot")
WHAT: Final = "gpuhunt catalogue of a provider"

NO_GPU: Final = "names no GPU"
NO_PRICE: Final = "has no price"
A_TPU: Final = "a TPU, not a GPU"


def read_gpuhunt(lines: Iterable[bytes], *, provider: Provider) -> Iterator[Finding]:
    """Yield what the catalogue of one provider lists, in the file's order.

    Raises:
        NotACatalogue: the file has other columns.
    """
    for row in read_csv_rows(lines, required=COLUMNS, what=WHAT):
        yield row if isinstance(row, Refused) else _read_row(row, provider=provider)


def _read_row(row: CsvRow, *, provider: Provider) -> Finding:
    cells = row.cells
    name = cells["gpu_name"]
    if name.casefold().startswith("tpu") or cells.get("gpu_vendor") == "google":
        return LeftOut(line=row.line, reason=A_TPU)
    try:
        return _read_machine(row, provider=provider)
    except Unreadable as error:
        machine = (provider.provider, cells["instance_name"], cells["location"])
        return Refused(line=row.line, reason=str(error), machine=machine)


def _read_machine(row: CsvRow, *, provider: Provider) -> Machine | LeftOut:
    cells = row.cells
    count = read_number(cells["gpu_count"], column="gpu_count")
    if not count or not cells["gpu_name"]:
        return LeftOut(line=row.line, reason=NO_GPU)
    if not count.is_integer():
        raise Unreadable(f"gpu_count is {cells['gpu_count'][:40]}; allowed is a whole number")
    price = read_price(cells["price"], column="price")
    if price is None:
        return LeftOut(line=row.line, reason=NO_PRICE)
    is_spot = read_truth(cells["spot"], column="spot")
    memory = read_number(cells["gpu_memory"], column="gpu_memory")
    return Machine(
        line=row.line,
        provider=provider.provider,
        provider_kind=provider.kind,
        instance_type=cells["instance_name"],
        gpu_names=(cells["gpu_name"],),
        gpu_count=int(count),
        gpu_memory_gib=(memory,) if memory else (),
        region=cells["location"],
        usd_per_hour=None if is_spot else price,
        spot_usd_per_hour=price if is_spot else None,
        vcpus=read_number(cells["cpu"], column="cpu"),
        ram_gb=read_number(cells["memory"], column="memory"),
    )
