"""A catalogue as large as all of SkyPilot's together, with invented prices."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEADER = (
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone\n"
)
_GPUS = (("L4", 24576, 0.5), ("L40S", 46068, 1.2), ("A10G", 23028, 0.9), ("T4", 16384, 0.4), ("B200", 183359, 4.0))
_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-north-1", "ap-south-1")


def write_large_catalogue(path: Path, *, rows: int, price_factor: float = 1.0) -> Path:
    """Write an AWS catalogue of `rows` rows, each a different machine, every second with a spot price."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(_HEADER)
        stream.writelines(_rows(rows, price_factor=price_factor))
    return path


def large_prices(*, rows: int, price_factor: float = 1.0) -> dict[str, float]:
    """Return the price of each offer that the catalogue lists, by identifier."""
    prices: dict[str, float] = {}
    for machine in _machines(rows, price_factor=price_factor):
        prices[f"aws:{machine.name}:{machine.region}:on_demand"] = machine.price
        if machine.spot is not None:
            prices[f"aws:{machine.name}:{machine.region}:spot"] = machine.spot
    return prices


class _Machine(NamedTuple):
    name: str
    gpu: str
    gpu_memory_mib: int
    gpu_count: int
    region: str
    price: float
    spot: float | None


def _machines(rows: int, *, price_factor: float) -> Iterator[_Machine]:
    for number in range(rows):
        gpu, memory_mib, usd = _GPUS[number % len(_GPUS)]
        count = 1 << (number // len(_GPUS)) % 4
        region = _REGIONS[number // (len(_GPUS) * 4) % len(_REGIONS)]
        price = round((usd + number % 1000 / 1000) * count * price_factor, 4)
        spot = round(price * 0.4, 4) if number % 2 else None
        yield _Machine(f"g{number}.{count}xlarge", gpu, memory_mib, count, region, price, spot)


def _rows(rows: int, *, price_factor: float) -> Iterator[str]:
    for machine in _machines(rows, price_factor=price_factor):
        count = machine.gpu_count
        info = (
            f"\"{{'Gpus': [{{'Name': '{machine.gpu}', 'Manufacturer': 'NVIDIA', 'Count': {count},"
            f" 'MemoryInfo': {{'SizeInMiB': {machine.gpu_memory_mib}}}}}],"
            f" 'TotalGpuMemoryInMiB': {machine.gpu_memory_mib * count}}}\""
        )
        spot = "" if machine.spot is None else machine.spot
        yield (
            f"{machine.name},{machine.gpu},{count},{4 * count},{16 * count},{info},{machine.price},{spot},"
            f"{machine.region},{machine.region}a\n"
        )
