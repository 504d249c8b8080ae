"""Which GPU of the inventory a catalogue means: by name, memory, board and machine, and never by a guess."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from planner import Gpu, Inventory, UnknownGpu
from service.inventory.importers.findings import Machine
from service.inventory.importers.known_machines import KnownMachine, find_known_machine

# Between what a program sees and what the box says, catalogues give any number; some round it.
_SLACK: Final = 0.02
_BOARDS: Final = ("sxm", "pcie", "nvl")
# NVLink bridges stand on PCIe boards and make no NVL of them.
_BOARD_WORD: Final = re.compile(r"sxm\d?|pcie|nvl(?!ink)", re.IGNORECASE)
_WORDS_BESIDE_A_NAME: Final = re.compile(
    r"sxm\d?|pcie|nvlink|nvl|(?<![a-z0-9])\d{1,3} ?gi?b?(?![a-z0-9])", re.IGNORECASE
)
_MEMORY_WORD: Final = re.compile(r"(?<![a-z0-9])(\d{1,3}) ?gi?b?(?![a-z0-9])", re.IGNORECASE)


class ReviewKey(Struct, frozen=True):
    """A GPU in doubt: the catalogue's name, the instance type where that decides, and the memory it gives (0: none)."""

    name: str
    machine: str
    memory_gib: float


class Resolved(Struct, frozen=True, kw_only=True):
    """The GPU that is meant, and how many; `flags` say where the catalogue is known to be wrong."""

    gpu_id: str
    gpu_count: int
    flags: tuple[str, ...] = ()


class Unresolved(Struct, frozen=True, kw_only=True):
    """A GPU that cannot be told: why, and which it could be."""

    key: ReviewKey
    reason: str
    candidates: tuple[str, ...] = ()


Resolution: TypeAlias = Resolved | Unresolved


class GpuNames:
    """The GPUs of an inventory by all that catalogues call them.

    `decisions` are a person's answers to GPUs that were in doubt; they come before everything else.
    """

    def __init__(self, gpus: Iterable[Gpu], *, decisions: Mapping[ReviewKey, str] | None = None) -> None:
        """Index the GPUs' names."""
        self._inventory = Inventory(revision=0, gpus=gpus, offers=())
        self._gpus = {gpu.gpu_id: gpu for gpu in self._inventory.gpus}
        self._decisions = dict(decisions or {})
        self._meanings: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        self._spellings: dict[str, tuple[str, ...]] = {}
        self._resolutions: dict[tuple[str, str, tuple[str, ...], tuple[float, ...], int], Resolution] = {}

    def watts_of(self, gpu_id: str) -> float | None:
        """Return what one of these GPUs draws at most, None where that is not known."""
        return self._gpus[gpu_id].tdp_watts

    def resolve(self, machine: Machine) -> Resolution:
        """Return the GPU that `machine` has, or why that cannot be told."""
        key = (
            machine.provider,
            machine.instance_type,
            machine.gpu_names,
            machine.gpu_memory_gib,
            machine.gpu_count,
        )
        found = self._resolutions.get(key)
        if found is None:
            found = self._resolutions[key] = self._resolve(machine)
        return found

    def _resolve(self, machine: Machine) -> Resolution:
        key = _review_key(machine)
        decided = self._decisions.get(key) or self._decisions.get(_by_name_alone(key))
        if decided is not None:
            return Resolved(gpu_id=decided, gpu_count=machine.gpu_count)
        known = find_known_machine(machine.provider, machine.instance_type)
        if known is not None and known.gpu_id in self._gpus:
            return self._check_known(machine, known)
        return self._resolve_by_name(machine, key=key)

    def _resolve_by_name(self, machine: Machine, *, key: ReviewKey) -> Resolution:
        named = self._named(machine.gpu_names)
        meant = tuple(gpu_id for gpu_id in named[0] if all(gpu_id in ids for ids in named)) if named else ()
        fitting = self._narrow(meant, machine)
        if len(fitting) == 1:
            return Resolved(gpu_id=fitting[0], gpu_count=machine.gpu_count)
        candidates = fitting or meant or tuple(dict.fromkeys(gpu_id for ids in named for gpu_id in ids))
        if fitting:
            return Unresolved(key=key, reason="the name means several GPUs", candidates=candidates)
        # The reasons below hold for the name in every machine.
        key = _by_name_alone(key)
        if not named:
            return Unresolved(key=key, reason="no GPU of the inventory bears this name")
        reason = self._say_misfit(meant, machine) if meant else f"the names {' and '.join(machine.gpu_names)} disagree"
        return Unresolved(key=key, reason=reason, candidates=candidates)

    def _check_known(self, machine: Machine, known: KnownMachine) -> Resolution:
        key, gpu_id, gpu_count = _review_key(machine), known.gpu_id, known.gpu_count
        named = self._named(machine.gpu_names)
        if named and not any(gpu_id in ids for ids in named):
            return Unresolved(key=key, reason=f"this machine is known to have {gpu_id}", candidates=(gpu_id,))
        if not self._fits_memory(gpu_id, machine.gpu_memory_gib):
            return Unresolved(key=key, reason=self._say_misfit((gpu_id,), machine), candidates=(gpu_id,))
        if gpu_count is None or gpu_count == machine.gpu_count:
            return Resolved(gpu_id=gpu_id, gpu_count=machine.gpu_count)
        flag = f"the catalogue says {machine.gpu_count} GPUs; the machine has {gpu_count}"
        return Resolved(gpu_id=gpu_id, gpu_count=gpu_count, flags=(flag,))

    def _named(self, names: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return, for each of a machine's names that means any GPU, all that it can mean.

        These are the GPUs that bear the name, and those that bear it without its words of board and memory.
        """
        known = self._meanings.get(names)
        if known is not None:
            return known
        named: list[tuple[str, ...]] = []
        self._meanings[names] = named
        for name in names:
            bare = _WORDS_BESIDE_A_NAME.sub(" ", name.replace("_", " "))
            ids = tuple(dict.fromkeys((*self._spelt(name), *self._spelt(bare))))
            if ids:
                named.append(ids)
        return named

    def _spelt(self, name: str) -> tuple[str, ...]:
        found = self._spellings.get(name)
        if found is None:
            try:
                found = self._inventory.gpu_ids(name, field="name")
            except UnknownGpu:
                found = ()
            self._spellings[name] = found
        return found

    def _narrow(self, gpu_ids: tuple[str, ...], machine: Machine) -> tuple[str, ...]:
        """Return those of the GPUs whose memory and board are the ones that the catalogue tells."""
        memory = machine.gpu_memory_gib or _memory_in_names(machine.gpu_names)
        fitting = tuple(gpu_id for gpu_id in gpu_ids if self._fits_memory(gpu_id, memory))
        # A name that is one GPU's own tells its board, even where the words do not.
        exact = [ids[0] for ids in map(self._spelt, machine.gpu_names) if len(ids) == 1 and ids[0] in fitting]
        if exact and len(set(exact)) == 1:
            return (exact[0],)
        told = {word.casefold().rstrip("0123456789") for word in _BOARD_WORD.findall(_words(machine))}
        if not told:
            return fitting
        return tuple(gpu_id for gpu_id in fitting if _board(gpu_id) in told or _board(gpu_id) is None)

    def _fits_memory(self, gpu_id: str, sizes: tuple[float, ...]) -> bool:
        gpu = self._gpus[gpu_id]
        smallest = gpu.visible_memory_gib * (1 - _SLACK)
        largest = max(gpu.visible_memory_gib, gpu.memory_gb or 0.0) * (1 + _SLACK)
        return not sizes or any(smallest <= size <= largest for size in sizes)

    def _say_misfit(self, gpu_ids: tuple[str, ...], machine: Machine) -> str:
        said = " or ".join(f"{size:.4g}" for size in (machine.gpu_memory_gib or _memory_in_names(machine.gpu_names)))
        have = ", ".join(f"{gpu_id} has {self._gpus[gpu_id].visible_memory_gib:g}" for gpu_id in gpu_ids)
        return f"the catalogue says {said} GiB and {' '.join(machine.gpu_names)}; {have}"


def _review_key(machine: Machine) -> ReviewKey:
    memory = machine.gpu_memory_gib[0] if machine.gpu_memory_gib else 0.0
    return ReviewKey(machine.gpu_names[-1] if machine.gpu_names else "", machine.instance_type, round(memory, 2))


def _by_name_alone(key: ReviewKey) -> ReviewKey:
    return ReviewKey(key.name, "", key.memory_gib)


def _memory_in_names(names: tuple[str, ...]) -> tuple[float, ...]:
    for name in names:
        found = _MEMORY_WORD.search(name)
        if found is not None:
            return (float(found[1]),)
    return ()


def _words(machine: Machine) -> str:
    return " ".join((*machine.gpu_names, machine.instance_type))


def _board(gpu_id: str) -> str | None:
    return next((word for word in gpu_id.split("-") if word in _BOARDS), None)
