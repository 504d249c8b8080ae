"""What a message of the bot answers: enough to ask the API again, for a button, a page or a reply."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from bots.words import Language

Task: TypeAlias = Literal["plan", "fit", "max_context", "max_batch", "limits", "compare", "memory", "gpus", "models"]
Value: TypeAlias = str | int | float | bool
FieldValue: TypeAlias = Value | list[Value]
Fields: TypeAlias = Mapping[str, FieldValue]

MACHINE_FIELDS: Final = frozenset(
    {"gpu", "gpu_count", "instance_type", "vram_gb", "memory_bytes", "tensor_parallel_size"}
)
"""Fields that name the machine."""

SOUGHT: Final[Mapping[Task, str]] = {"max_context": "context", "max_batch": "batch"}
"""What each task that asks for the most that a machine holds wants to know."""


class Enquiry(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the API: `path` under `/v1/` is that of its `task`, `fields` are that path's parameters.

    `aside` is what was said too and this task does not take: it waits for a plan. `page` counts from 0, for lists too
    long for one message; `language` is that of the answer.
    """

    task: Task
    fields: Fields = {}
    aside: Fields = {}
    page: int = 0
    language: Language = "en"

    @property
    def path(self) -> str:
        """The last part of the API's path: what is sought on a machine is part of the verdict on it."""
        return "fit" if self.task in SOUGHT else self.task

    @property
    def said(self) -> Fields:
        """All that was said."""
        return {**self.aside, **self.fields}

    def parameters(self) -> list[tuple[str, str]]:
        """Return the query parameters, each value of a list on its own."""
        return [(name, _spell(value)) for name, given in self.fields.items() for value in _values(given)]

    def change(self, **fields: FieldValue | None) -> "Enquiry":
        """Return the enquiry with `fields` in place of its own, from the first page; None drops a field."""
        merged = {**self.fields, **fields}
        kept = {name: value for name, value in merged.items() if value is not None}
        return msgspec.structs.replace(self, fields=kept, page=0)

    def turn(self, page: int) -> "Enquiry":
        """Return the same enquiry, to be shown from another page."""
        return msgspec.structs.replace(self, page=page)

    def speak(self, language: Language) -> "Enquiry":
        """Return the same enquiry, to be answered in another language."""
        return msgspec.structs.replace(self, language=language)


def _values(given: FieldValue) -> list[Value]:
    return given if isinstance(given, list) else [given]


def _spell(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_task(name: str) -> Task | None:
    """Return `name` as a task that the bot can show, or None where it cannot."""
    return name if name in get_args(Task) else None  # pyright: ignore[reportReturnType] - just that was looked up
