"""The SkyPilot catalogue: one `vms.csv` for each cloud, whose columns stand in a different order in each."""

from collections.abc import Iterable, Iterator
from typing import Final

from service.inventory.importers.csv_rows import CsvRow, read_csv_rows
from service.inventory.importers.findings import Finding, LeftOut, Machine, Refused
from service.inventory.importers.gcp import join_hosts_and_accelerators
from service.inventory.importers.gpu_info import GpuInfo, read_gpu_info
from service.inventory.importers.numbers import Unreadable, is_spot_price, read_number, read_price
from service.inventory.importers.providers import Provider, known_providers

COLUMNS: Final = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "SpotPrice", "Region")
WHAT: Final = "SkyPilot catalogue of a cloud (vms.csv)"

NO_GPU: Final = "names no GPU"
NO_PRICE: Final = "has no price"
A_TPU: Final = "a TPU, not a GPU"
A_FRACTION: Final = "a fraction of a GPU"
NO_STOCK: Final = "no region stands in the catalogue: no stock"
# A number below it under "SizeInMiB" is GiB: no GPU for rent has less than 1 GiB.
_MIB_PER_GIB: Final = 1024


def read_skypilot(lines: Iterable[bytes], *, provider: Provider) -> Iterator[Finding]:
    """Yield what the catalogue of one cloud lists, in the file's order; GCP's machines come at the end.

    Raises:
        NotACatalogue: the file has other columns.
    """
    rows = read_csv_rows(lines, required=COLUMNS, what=WHAT)
    findings = (row if isinstance(row, Refused) else _read_row(row, provider=provider) for row in rows)
    return join_hosts_and_accelerators(findings) if provider.provider == "gcp" else findings


def _read_row(row: CsvRow, *, provider: Provider) -> Finding:
    cells = row.cells
    if not cells["AcceleratorName"] and provider.provider != "gcp":
        return LeftOut(line=row.line, reason=NO_GPU)
    if cells["AcceleratorName"].casefold().startswith("tpu"):
        return LeftOut(line=row.line, reason=A_TPU)
    seller = _seller(provider, cells["InstanceType"])
    try:
        return _read_machine(row, provider=provider, seller=seller)
    except Unreadable as error:
        machine = (seller.provider, cells["InstanceType"], cells["Region"])
        return Refused(line=row.line, reason=str(error), machine=machine)


def _read_machine(row: CsvRow, *, provider: Provider, seller: Provider) -> Machine | LeftOut:
    cells = row.cells
    name, instance_type, region = cells["AcceleratorName"], cells["InstanceType"], cells["Region"]
    price = read_price(cells["Price"], column="Price")
    spot = read_price(cells["SpotPrice"], column="SpotPrice")
    if price is None and spot is None:
        return LeftOut(line=row.line, reason=NO_PRICE)
    count = _read_count(cells) if name else 0.0
    if name and (count < 1 or not count.is_integer()):
        return LeftOut(line=row.line, reason=A_FRACTION)
    if not instance_type and not (name and provider.provider == "gcp"):
        raise Unreadable("no InstanceType")
    info = read_gpu_info(cells.get("GpuInfo", ""))
    no_stock = provider.no_region_is_no_stock and not region
    return Machine(
        line=row.line,
        provider=seller.provider,
        provider_kind=seller.kind,
        instance_type=instance_type,
        gpu_names=_names(provider, instance_type=instance_type, name=name, info=info),
        gpu_count=int(count),
        gpu_memory_gib=_memory(provider, info=info, gpu_count=int(count)),
        region=_zone(cells) if provider.provider == "gcp" else region,
        usd_per_hour=price,
        spot_usd_per_hour=spot if spot is not None and is_spot_price(spot, on_demand=price) else None,
        vcpus=read_number(cells.get("vCPUs", ""), column="vCPUs"),
        ram_gb=read_number(cells.get("MemoryGiB", ""), column="MemoryGiB"),
        price_kind="indicative" if no_stock else "listed",
        flags=(*provider.flags, NO_STOCK) if no_stock else provider.flags,
    )


def _read_count(cells: dict[str, str]) -> float:
    count = read_number(cells["AcceleratorCount"], column="AcceleratorCount")
    if count is None:
        raise Unreadable(f"{cells['AcceleratorName'][:40]} without an AcceleratorCount")
    return count


def _names(provider: Provider, *, instance_type: str, name: str, info: GpuInfo) -> tuple[str, ...]:
    told = provider.gpu_name(instance_type)
    # Where the instance type tells the name, the other columns have lost its suffix.
    names = (told,) if told is not None else (info.name, name)
    return tuple(dict.fromkeys(each for each in names if each))


def _memory(provider: Provider, *, info: GpuInfo, gpu_count: int) -> tuple[float, ...]:
    if info.size is None or gpu_count < 1:
        return ()
    gib = info.size / _MIB_PER_GIB if info.size >= _MIB_PER_GIB else info.size
    return provider.memory_of_one_gpu(gib, gpu_count=gpu_count)


def _seller(provider: Provider, instance_type: str) -> Provider:
    """Return who rents the machine out: a broker's instance types begin with that name."""
    if not provider.seller_in_instance_type:
        return provider
    name = instance_type.partition("_")[0].casefold()
    return known_providers().get(name, Provider(provider=name, kind=provider.kind) if name else provider)


def _zone(cells: dict[str, str]) -> str:
    return cells.get("AvailabilityZone") or cells["Region"]
