"""What cannot be of a node: every field at fault, with what would do."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from planner import suggest
from service.inventory.entries import MAX_USD_PER_HOUR, USD_PLACES
from service.inventory.errors import InvalidEntry
from service.inventory.tables import GpuRow
from service.inventory.texts import find_line_fault

MAX_GPUS: Final = 64
MAX_SITE_LENGTH: Final = 100
# What a URL's path segment and an offer's identifier hold as they are.
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


async def find_node_faults(session: AsyncSession, values: Mapping[str, Any]) -> list[InvalidEntry]:
    """Return what cannot be among fields of a node; those that `values` does not have are not looked at."""
    found = [find(values[name]) for name, find in _FINDERS.items() if name in values]
    if "gpu_id" in values:
        found.append(await _find_gpu_fault(session, values["gpu_id"]))
    return [fault for fault in found if fault is not None]


def _find_name_fault(name: str) -> InvalidEntry | None:
    if _NAME.fullmatch(name) is not None:
        return None
    allowed = "up to 63 characters of a-z, 0-9 and . _ -, beginning with a letter or digit, such as gpu-01"
    return InvalidEntry(
        f"The node name {name[:80]!r} cannot be used; allowed are {allowed}.", field="node", allowed=allowed
    )


def _find_site_fault(site: str) -> InvalidEntry | None:
    return find_line_fault(site, field="site", least=1, most=MAX_SITE_LENGTH)


def _find_count_fault(gpu_count: int) -> InvalidEntry | None:
    if 1 <= gpu_count <= MAX_GPUS:
        return None
    allowed = f"1 to {MAX_GPUS}"
    return InvalidEntry(
        f"A node cannot have {gpu_count} GPUs; allowed is {allowed}.", field="gpu_count", allowed=allowed
    )


def _find_cost_fault(usd: float | None) -> InvalidEntry | None:
    if usd is None or (math.isfinite(usd) and 0 <= round(usd, USD_PLACES) <= MAX_USD_PER_HOUR):
        return None
    allowed = f"from 0 to {MAX_USD_PER_HOUR} US dollars an hour"
    return InvalidEntry(f"{usd} is no cost; allowed is {allowed}.", field="usd_per_hour", allowed=allowed)


_FINDERS: Final[Mapping[str, Callable[[Any], InvalidEntry | None]]] = {
    "node": _find_name_fault,
    "site": _find_site_fault,
    "gpu_count": _find_count_fault,
    "usd_per_hour": _find_cost_fault,
}


async def _find_gpu_fault(session: AsyncSession, gpu_id: str) -> InvalidEntry | None:
    known = set(await session.scalars(select(GpuRow.gpu_id).where(GpuRow.deleted_at.is_(None))))
    if gpu_id in known:
        return None
    nearest = suggest(gpu_id, {each: each for each in known})
    hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
    return InvalidEntry(
        f"The inventory has no GPU {gpu_id[:80]!r}; add it before its nodes.{hint}",
        field="gpu_id",
        allowed="one that /v1/inventory/gpus lists",
        nearest=nearest,
    )
