"""The use case behind a question in people's own words: what it says as a request, and the answer to that."""

from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from planner import (
    FIELDS,
    FIT_FIELDS,
    Ambiguity,
    Comparison,
    Field,
    Fit,
    Infeasible,
    Intent,
    InvalidRequest,
    Inventory,
    KnownModels,
    Names,
    Plan,
    Question,
    Requirements,
    engine_facts,
    follow,
    kv_cache_dtypes,
    names_from,
    read_field,
    read_fragment,
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
_FIELDS: Final[Mapping[str, Field]] = {**FIELDS, **FIT_FIELDS}
# In this order: a question that names a GPU and its memory means that GPU.
_WAYS_TO_NAME_A_MACHINE: Final = ("gpu", "instance_type", "vram_gb", "memory_bytes")


class Previous(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an earlier question came to, for a follow-up to change: its intent and the fields that were understood."""

    intent: Intent
    request: dict[str, Any]


class ReadQuestion(Struct, frozen=True, kw_only=True):
    """A question as read: the task that answers it, the request that it makes, and the fields it cannot apply."""

    question: Question
    task: Task[Any, Any]
    request: Any
    fields: dict[str, object]
    not_applied: tuple[str, ...]


class Understanding(Struct, frozen=True, kw_only=True):
    """How a question was read.

    `endpoint` is the path that gives the same answer. `understood` is what the question says, in the API's field names,
    and for a follow-up also what the question before said and this one leaves as it is;
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

    async def ask(self, text: str, *, previous: Previous | None = None) -> bytes:
        """Return the `Reply` to the question `text` as JSON; it changes the `previous` one, where there is one.

        Raises:
            QuestionNotUnderstood: nothing in it is a question for this planner.
            InvalidRequest: what it asks for cannot be.
            InventoryUnavailable: the database cannot be reached.
        """
        snapshot = await self._snapshots.current()
        if self._names is None or self._names[0] is not snapshot:
            self._names = (snapshot, inventory_names(snapshot.inventory))
        names, models = self._names[1], snapshot.inventory.models
        if previous is None:
            read = read_request(text, names=names, models=models)
        else:
            read = read_follow_up(text, previous=previous, names=names, models=models)
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


def read_previous(given: Mapping[str, object]) -> Previous:
    """Return the earlier question that a caller sends along, its fields as questions hold them.

    Raises:
        InvalidRequest: it is of another shape, or a field has no such value.
    """
    try:
        previous = msgspec.convert(given, Previous)
    except msgspec.ValidationError as error:
        raise _refuse_previous(f"previous is no earlier question: {error}") from error
    given_fields = {name: raw for name, raw in previous.request.items() if raw not in (None, [])}
    return Previous(
        intent=previous.intent, request={name: _read_known_field(name, raw) for name, raw in given_fields.items()}
    )


def read_follow_up(text: str, *, previous: Previous, names: Names, models: KnownModels) -> ReadQuestion:
    """Return the request that the follow-up `text` makes of the `previous` one.

    Raises:
        QuestionNotUnderstood: it changes nothing that a request has.
        InvalidRequest: what it asks for cannot be.
    """
    fragment = read_fragment(text, names=names)
    intent, fields = follow(previous.request, previous.intent, fragment)
    question = Question(
        question=text,
        intent=intent,
        language=fragment.language,
        fields=fields,
        ignored=fragment.ignored,
        ambiguous=fragment.ambiguous,
    )
    return make_request(question, models=models)


def _read_known_field(name: str, raw: object) -> Any:  # noqa: ANN401 - each field has its own kind
    """Return the value of a field: a list only where there are several."""
    field = _FIELDS.get(name)
    if field is None:
        raise _refuse_previous(f"previous has the unknown field {name[:80]!r}")
    value = read_field(name, field, raw)
    if not isinstance(value, tuple):
        return value
    values: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]  (of the field's kind)
    return values[0] if len(values) == 1 else values


def _refuse_previous(what: str) -> InvalidRequest:
    allowed = f"intent ({', '.join(get_args(Intent))}) and request, an object of {', '.join(_FIELDS)}"
    return InvalidRequest(f"{what}. Allowed: {allowed}.", code="invalid_previous", field="previous", allowed=allowed)


def make_request(question: Question, *, models: KnownModels) -> ReadQuestion:
    """Return the request that `question` makes, and the task that it is for.

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
