"""Machines whose GPU is known from their provider, whatever a catalogue calls it or leaves out."""

import re
from functools import cache, lru_cache
from importlib import resources

import msgspec
from msgspec import Struct


class KnownMachine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The GPU of all instance types of a provider that `machine` (a pattern with `*`) fits; `basis` says how known.

    `gpu_count` is given where catalogues are known to give a wrong one.
    """

    provider: str
    machine: str
    gpu_id: str
    basis: str
    gpu_count: int | None = None


@lru_cache(maxsize=8192)
def find_known_machine(provider: str, instance_type: str) -> KnownMachine | None:
    """Return what is known of an instance type, None where nothing is."""
    machines, pattern = _known_machines().get(provider, ((), None))
    found = None if pattern is None else pattern.fullmatch(instance_type.casefold())
    return None if found is None or found.lastindex is None else machines[found.lastindex - 1]


@cache
def _known_machines() -> dict[str, tuple[list[KnownMachine], re.Pattern[str]]]:
    """Return each provider's machines, and one expression whose group of a number is the machine of that number."""
    data = (resources.files("service.inventory.importers") / "machines.json").read_bytes()
    by_provider: dict[str, list[KnownMachine]] = {}
    for known in msgspec.json.decode(data, type=list[KnownMachine]):
        by_provider.setdefault(known.provider, []).append(known)
    return {
        provider: (machines, re.compile("|".join(f"({_to_expression(each.machine)})" for each in machines), re.DOTALL))
        for provider, machines in by_provider.items()
    }


def _to_expression(pattern: str) -> str:
    return ".*".join(map(re.escape, pattern.casefold().split("*")))
