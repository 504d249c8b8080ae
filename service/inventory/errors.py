"""The errors of the inventory.

InventoryError
├── InventoryUnavailable    the database cannot be reached or used now
├── MigrationMismatch       tables and migrations do not agree
└── InventoryRefusal        what was asked of the inventory cannot be done
    ├── OfferNotFound
    ├── GpuNotFound
    ├── ProviderNotFound
    ├── ModelNotFound
    ├── KeyNotFound
    ├── SourceNotFound
    ├── JobNotFound
    ├── NodeNotFound
    ├── ReservationNotFound
    ├── ReservationOver     a reservation that has ended cannot be changed
    ├── GpusTaken           GPUs of one's own that are promised to somebody else
    ├── IdempotencyKeyReused
    ├── AlreadyThere        an offer, GPU, alias, node or key of that name is there
    ├── StillInUse          a GPU, provider or node that others stand on
    ├── InvalidEntry        a price, a date, a text or an identifier that cannot be
    │   └── InvalidEntries  several of them
    ├── KeyInTheOpen        an API key stands where others can read it
    ├── InvalidBackup       a file that no inventory can be copied to or from
    └── InvalidCursor       a cursor that no list has given out
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from service.key_format import strike_out_keys


class InventoryError(Exception):
    """An error that the inventory expects and explains; the message never holds a password."""


class InventoryUnavailable(InventoryError):
    """The database cannot be reached or used now; trying again later may work."""


class MigrationMismatch(InventoryError):
    """Tables and migrations do not agree; the message names the first differences."""


class InventoryRefusal(InventoryError):
    """What was asked of the inventory cannot be done, and would not work later either."""


class OfferNotFound(InventoryRefusal):
    """No offer has that identifier."""


class GpuNotFound(InventoryRefusal):
    """No GPU has that identifier."""


class ProviderNotFound(InventoryRefusal):
    """No provider has that name."""


class ModelNotFound(InventoryRefusal):
    """No model of that name was added."""


class KeyNotFound(InventoryRefusal):
    """No API key of that name is in use."""


class SourceNotFound(InventoryRefusal):
    """No source that is read by a schedule has that name."""


class JobNotFound(InventoryRefusal):
    """No import that was handed in has that number."""


class NodeNotFound(InventoryRefusal):
    """No node has that name."""


class ReservationNotFound(InventoryRefusal):
    """No reservation has that identifier, or it was cancelled."""


class ReservationOver(InventoryRefusal):
    """A reservation that has ended cannot be changed or cancelled."""


class GpusTaken(InventoryRefusal):
    """GPUs cannot be promised, because others hold them for some of the time."""


class IdempotencyKeyReused(InventoryRefusal):
    """An idempotency key came with another request before."""


class AlreadyThere(InventoryRefusal):
    """An offer, GPU, provider or key of that name is there already, or a provider is there under another kind.

    `there` is the thing that stands against it, where that is known.
    """

    def __init__(self, message: str, *, there: Struct | None = None) -> None:
        """Keep what was wrong, and what is there."""
        super().__init__(message)
        self.there = there


class StillInUse(InventoryRefusal):
    """A GPU, a provider or a node cannot be removed while others stand on it."""


class InvalidEntry(InventoryRefusal):
    """A price, a date, a count, a text or an identifier that an inventory cannot hold.

    `field` names it where that is known, `allowed` says in words what would do, `nearest` are the values that would do
    and are nearest to the one given.
    """

    def __init__(
        self, message: str, *, field: str | None = None, allowed: str = "", nearest: Iterable[str | float] = ()
    ) -> None:
        """Keep what was wrong, and the field at fault."""
        # It repeats what it refuses, and somebody may have put a key there.
        super().__init__(strike_out_keys(message))
        self.field = field
        self.allowed = allowed
        self.nearest = tuple(nearest)


class InvalidEntries(InvalidEntry):
    """Several fields that an inventory cannot hold; `entries` says of each what is wrong."""

    def __init__(self, entries: Sequence[InvalidEntry]) -> None:
        """Keep them all."""
        super().__init__(" ".join(map(str, entries)), field=entries[0].field)
        self.entries = tuple(entries)


def refuse_all(entries: Sequence[InvalidEntry]) -> None:
    """Raise what `entries` say, as one error: InvalidEntry for one, InvalidEntries for several; nothing for none."""
    if entries:
        raise entries[0] if len(entries) == 1 else InvalidEntries(entries)


class KeyInTheOpen(InventoryRefusal):
    """An API key stands where the inventory would show it to all who read it."""

    def __init__(self) -> None:
        """Say what is to be done with it."""
        super().__init__("A key stands where others can read it; replace it (r1plan key rotate).")


class InvalidBackup(InventoryRefusal):
    """A file that no inventory can be copied to, or restored from."""


class InvalidCursor(InventoryRefusal):
    """A cursor that no list has given out."""
