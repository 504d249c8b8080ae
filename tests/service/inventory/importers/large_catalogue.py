"""A catalogue as large as all of SkyPilot's together, with invented prices."""

from collections.abc import Iterator
from pathlib import Path

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


def _rows(rows: int, *, price_factor: float) -> Iterator[str]:
    for number in range(rows):
        name, memory_mib, usd = _GPUS[number % len(_GPUS)]
        count = 1 << (number // len(_GPUS)) % 4
        region = _REGIONS[number // (len(_GPUS) * 4) % len(_REGIONS)]
        price = round((usd + number % 1000 / 1000) * count * price_factor, 4)
        spot = f"{price * 0.4:.4f}" if number % 2 else ""
        info = (
            f"\"{{'Gpus': [{{'Name': '{name}', 'Manufacturer': 'NVIDIA', 'Count': {count},"
            f" 'MemoryInfo': {{'SizeInMiB': {memory_mib}}}}}], 'TotalGpuMemoryInMiB': {memory_mib * count}}}\""
        )
        machine = f"g{number}.{count}xlarge"
        yield f"{machine},{name},{count},{4 * count},{16 * count},{info},{price},{spot},{region},{region}a\n"
