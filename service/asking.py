"""The use case behind a question in people's own words: what it says as a request, and the answer to that."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from planner import (
    Ambiguity,
    Comparison,
    Fit,
    Infeasible,
    Intent,
    Inventory,
    KnownModels,
    Names,
    Plan,
    Question,
    Requirements,
    engine_facts,
    kv_cache_dtypes,
    names_from,
    read_question,
    weight_formats,
)
from service.inventory.snapshot import Snapshot, SnapshotStore
from service.planning import Planning
from service.tasks import COMPARE, FIT, MEMORY, PLAN, Task

_TASKS: Final[Mapping[Intent, Task[Any, Any]]] = {
    "plan": PLAN,
    "fit": FIT,
    "max_context": FIT,
    "max_batch": FIT,
    "memory": MEMORY,
    "compare": COMPARE,
}
# In this order: a question that names a GPU and its memory means that GPU.
_WAYS_TO_NAME_A_MACHINE: Final = ("gpu", "instance_type", "vram_gb", "memory_bytes")


class ReadQuestion(Struct, frozen=True, kw_only=True):
    """A question as read: the task that answers it, the request that it makes, and the fields it cannot apply."""

    question: Question
    task: Task[Any, Any]
    request: Any
    fields: dict[str, object]
    not_applied: tuple[str, ...]


class Understanding(Struct, frozen=True, kw_only=True):
    """How a question was read.

    `endpoint` is the path that gives the same answer. `understood` is what the question says, in the API's field names;
    `not_applied` names those of them that this endpoint does not take, `assumed` the fields that were filled in,
    `ignored` the fragments that were not understood, word for word, and `ambiguous` those that can be read in several
    ways, none of which was taken.
    """

    question: str
    intent: Intent
    endpoint: str
    language: str
    understood: dict[str, object]
    not_applied: tuple[str, ...]
    assumed: tuple[str, ...]
    ignored: tuple[str, ...]
    ambiguous: tuple[Ambiguity, ...]


class Reply(Understanding, frozen=True, kw_only=True):
    """How a question was read, and the answer of its endpoint."""

    answer: Plan | Infeasible | Fit | Requirements | Comparison


class _EncodedReply(Understanding, frozen=True, kw_only=True):
    answer: msgspec.Raw


class Asking:
    """Answers questions by the task that each means."""

    def __init__(self, *, snapshots: SnapshotStore, planning: Planning) -> None:
        """Take the inventory, for its names, and the use case that answers requests."""
        self._snapshots = snapshots
        self._planning = planning
        self._names: tuple[Snapshot, Names] | None = None

    async def ask(self, text: str) -> bytes:
        """Return the `Reply` to the question `text` as JSON.

        Raises:
            QuestionNotUnderstood: nothing in it is a question for this planner.
            InvalidRequest: what it asks for cannot be.
            InventoryUnavailable: the database cannot be reached.
        """
        snapshot = await self._snapshots.current()
        if self._names is None or self._names[0] is not snapshot:
            self._names = (snapshot, inventory_names(snapshot.inventory))
        read = read_request(text, names=self._names[1], models=snapshot.inventory.models)
        found = await self._planning.answer(read.task, read.fields)
        return msgspec.json.encode(_EncodedReply(**_understanding(read), answer=msgspec.Raw(found.entry.body)))


def make_reply(read: ReadQuestion, answer: Any) -> Reply:  # noqa: ANN401 - what the question's task answers
    """Return the reply to a question whose task gave `answer`."""
    return Reply(**_understanding(read), answer=answer)


def _understanding(read: ReadQuestion) -> dict[str, Any]:
    question = read.question
    return {
        "question": question.question,
        "intent": question.intent,
        "endpoint": f"/v1/{read.task.name}",
        "language": question.language,
        "understood": dict(question.fields),
        "not_applied": read.not_applied,
        "assumed": read.request.assumed,
        "ignored": question.ignored,
        "ambiguous": question.ambiguous,
    }


def inventory_names(inventory: Inventory) -> Names:
    """Return every name that a question may use: the inventory's and the planner's."""
    return names_from(
        inventory.gpus,
        inventory.offers,
        inventory.models.specs,
        weight_formats(),
        kv_cache_dtypes(),
        engine_facts(),
    )


def read_request(text: str, *, names: Names, models: KnownModels) -> ReadQuestion:
    """Return the request that the question `text` makes, and the task that it is for.

    A question about a machine that names none is answered with a plan.

    Raises:
        QuestionNotUnderstood: nothing in it is a question for this planner.
        InvalidRequest: what it asks for cannot be.
    """
    return make_request(read_question(text, names=names), models=models)


def make_request(question: Question, *, models: KnownModels) -> ReadQuestion:
    """Return the request that `question` makes.

    Raises:
        InvalidRequest: what it asks for cannot be.
    """
    named = [name for name in _WAYS_TO_NAME_A_MACHINE if name in question.fields]
    task = _TASKS[question.intent]
    if task in (FIT, COMPARE) and not named:
        task = PLAN
    dropped = set(named[1:]) - ({"gpu", "instance_type"} if task is COMPARE else set())
    fields: dict[str, object] = {
        name: value for name, value in question.fields.items() if name in task.fields and name not in dropped
    }
    return ReadQuestion(
        question=question,
        task=task,
        request=task.read(fields, models),
        fields=fields,
        not_applied=tuple(name for name in question.fields if name not in fields),
    )
