"""What reading a catalogue finds: machines for rent, rows that are none, and rows that cannot be read."""

import datetime as dt
from typing import Final, TypeAlias

from msgspec import Struct

KEY_IN_A_ROW: Final = "an API key stands in it; take it out, and replace it (r1plan key rotate)"
"""Why a row is refused that would be shown, kept in the audit trail and copied into backups."""


class Machine(Struct, frozen=True, kw_only=True, gc=False):
    """A machine for rent, in the catalogue's words.

    `line` is the row's line in its file. `gpu_names` are the catalogue's names of the one GPU, the most precise first;
    `gpu_memory_gib` the sizes that one GPU may have after what the catalogue says, empty where it says nothing. Prices
    are of the whole machine in US dollars an hour, None where it cannot be had so; `on_demand_doubt` makes the
    on-demand one indicative and says why. `purchase_usd` is what all the GPUs cost once, where they are for sale.
    `as_of` and `source` are None where the row says nothing of its own.
    """

    line: int
    provider: str
    instance_type: str
    gpu_names: tuple[str, ...]
    gpu_count: int
    region: str
    gpu_memory_gib: tuple[float, ...] = ()
    usd_per_hour: float | None = None
    spot_usd_per_hour: float | None = None
    purchase_usd: float | None = None
    vcpus: float | None = None
    ram_gb: float | None = None
    country: str | None = None
    continent: str | None = None
    price_kind: str = "listed"
    on_demand_doubt: str | None = None
    host_billed_separately: bool = False
    flags: tuple[str, ...] = ()
    provider_kind: str | None = None
    as_of: dt.date | None = None
    as_of_basis: str | None = None
    source: str | None = None


class LeftOut(Struct, frozen=True, kw_only=True, gc=False):
    """A row that was understood and is no offer of a whole GPU: `reason` is one of few sentences."""

    line: int
    reason: str


class Refused(Struct, frozen=True, kw_only=True, gc=False):
    """A row that cannot be read, and why; provider, instance type and region where those could be read."""

    line: int
    reason: str
    machine: tuple[str, str, str] | None = None


Finding: TypeAlias = Machine | LeftOut | Refused
