"""Machines whose GPU is known from their provider, whatever a catalogue calls it or leaves out."""

from fnmatch import fnmatchcase
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
    word = instance_type.casefold()
    for known in _known_machines().get(provider, ()):
        if fnmatchcase(word, known.machine.casefold()):
            return known
    return None


@cache
def _known_machines() -> dict[str, list[KnownMachine]]:
    data = (resources.files("service.inventory.importers") / "machines.json").read_bytes()
    by_provider: dict[str, list[KnownMachine]] = {}
    for known in msgspec.json.decode(data, type=list[KnownMachine]):
        by_provider.setdefault(known.provider, []).append(known)
    return by_provider
