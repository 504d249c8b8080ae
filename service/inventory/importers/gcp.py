"""GCP's machines: the SkyPilot catalogue prices the host and its accelerators on separate rows."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import replace

from service.inventory.importers.findings import Finding, LeftOut, Machine

WITH_HOST: Final = "an accelerator, priced with its host"
NO_HOST: Final = "an accelerator without a row of its host in that zone"
NO_ACCELERATOR: Final = "a host without a row of its accelerators in that zone"
ANY_HOST: Final = "an accelerator that any N1 machine can take: the catalogue names no machine"
NO_GPU: Final = "names no GPU"
LOW_LEVEL: Final = (
    "the catalogue shows two price levels for this accelerator; the low one looks like a flex or calendar price"
)
# The levels seen lie at 0.33 to 0.55 of each other, the prices of regions within 0.65.
_LOW_SHARE: Final = 0.6

_HOSTS: Final[dict[str, tuple[str, int]]] = {
    **{f"a2-highgpu-{count}g": ("A100", count) for count in (1, 2, 4, 8)},
    "a2-megagpu-16g": ("A100", 16),
    **{f"a2-ultragpu-{count}g": ("A100-80GB", count) for count in (1, 2, 4, 8)},
    **{f"a3-highgpu-{count}g": ("H100", count) for count in (1, 2, 4, 8)},
    "a3-edgegpu-8g": ("H100", 8),
    "a3-megagpu-8g": ("H100-MEGA", 8),
    "a3-ultragpu-8g": ("H200", 8),
    "a4-highgpu-8g": ("B200", 8),
    **{f"g2-standard-{vcpus}": ("L4", 1) for vcpus in (4, 8, 12, 16, 32)},
    "g2-standard-24": ("L4", 2),
    "g2-standard-48": ("L4", 4),
    "g2-standard-96": ("L4", 8),
    **{f"g4-standard-{48 * count}": ("RTX-PRO-6000", count) for count in (1, 2, 4, 8)},
}
_ON_ANY_N1: Final = ("K80", "P4", "P100", "T4", "V100")


class _Accelerator(NamedTuple):
    name: str
    gpu_count: int
    zone: str


def join_hosts_and_accelerators(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield one machine for each host whose accelerators have a row in the same zone, at the sum of their prices.

    A machine that stands in several zones of a region comes once for each. Rows without a partner are left out. An
    accelerator's price far below the same accelerator's highest is doubted: nobody is known to get it.
    """
    hosts: list[Machine] = []
    accelerators: dict[_Accelerator, Machine] = {}
    for finding in findings:
        if not isinstance(finding, Machine):
            yield finding
        elif not finding.instance_type:
            key = _Accelerator(finding.gpu_names[-1], finding.gpu_count, finding.region)
            # Of two prices in one zone the higher one is on demand.
            if key not in accelerators or (finding.usd_per_hour or 0) > (accelerators[key].usd_per_hour or 0):
                accelerators[key] = finding
        elif finding.gpu_names:
            yield replace(finding, region=_region(finding.region))
        elif finding.instance_type in _HOSTS:
            hosts.append(finding)
        else:
            yield LeftOut(line=finding.line, reason=NO_GPU)
    yield from _join_all(hosts, accelerators)


def _join_all(hosts: list[Machine], accelerators: dict[_Accelerator, Machine]) -> Iterator[Finding]:
    highest = _highest_prices(accelerators)
    used: set[_Accelerator] = set()
    for host in hosts:
        name, count = _HOSTS[host.instance_type]
        key = _Accelerator(name, count, host.region)
        if key in accelerators:
            used.add(key)
            yield _join(host, accelerators[key], highest=highest[name, count])
        else:
            yield LeftOut(line=host.line, reason=NO_ACCELERATOR)
    for key, accelerator in accelerators.items():
        alone = ANY_HOST if key.name in _ON_ANY_N1 else NO_HOST
        yield LeftOut(line=accelerator.line, reason=WITH_HOST if key in used else alone)


def _highest_prices(accelerators: dict[_Accelerator, Machine]) -> dict[tuple[str, int], float]:
    highest: dict[tuple[str, int], float] = {}
    for key, accelerator in accelerators.items():
        price = accelerator.usd_per_hour or 0.0
        highest[key.name, key.gpu_count] = max(highest.get((key.name, key.gpu_count), 0.0), price)
    return highest


def _join(host: Machine, accelerator: Machine, *, highest: float) -> Machine:
    price = accelerator.usd_per_hour
    is_low = price is not None and price < _LOW_SHARE * highest
    return replace(
        host,
        region=_region(host.region),
        gpu_names=accelerator.gpu_names,
        gpu_count=accelerator.gpu_count,
        gpu_memory_gib=accelerator.gpu_memory_gib,
        usd_per_hour=_add(host.usd_per_hour, price),
        spot_usd_per_hour=_add(host.spot_usd_per_hour, accelerator.spot_usd_per_hour),
        on_demand_doubt=LOW_LEVEL if is_low else None,
    )


def _add(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _region(zone: str) -> str:
    """Return the region of a zone: us-central1-a lies in us-central1."""
    region, _, letter = zone.rpartition("-")
    return region if region and len(letter) == 1 else zone
