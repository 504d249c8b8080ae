"""The use case behind a question in people's own words: what it says as a request, and the plan for that."""

import msgspec
from msgspec import Struct

from planner import (
    FIELDS,
    Ambiguity,
    Infeasible,
    Intent,
    Inventory,
    Names,
    Plan,
    PlanRequest,
    Question,
    engine_facts,
    kv_cache_dtypes,
    models,
    names_from,
    read_plan_request,
    read_question,
    weight_formats,
)
from service.inventory.snapshot import Snapshot, SnapshotStore
from service.planning import Planning
from service.tasks import PLAN


class ReadQuestion(Struct, frozen=True, kw_only=True):
    """A question as read, the request that it makes, and the fields that no plan can apply yet."""

    question: Question
    request: PlanRequest
    fields: dict[str, object]
    not_applied: tuple[str, ...]


class Understanding(Struct, frozen=True, kw_only=True):
    """How a question was read.

    `understood` is what it says, in the API's field names; `not_applied` names those of them that no plan can apply
    yet, `assumed` the fields that were filled in, `ignored` the fragments that were not understood, word for word, and
    `ambiguous` those that can be read in several ways, none of which was taken.
    """

    question: str
    intent: Intent
    language: str
    understood: dict[str, object]
    not_applied: tuple[str, ...]
    assumed: tuple[str, ...]
    ignored: tuple[str, ...]
    ambiguous: tuple[Ambiguity, ...]


class Reply(Understanding, frozen=True, kw_only=True):
    """How a question was read, and the plan that answers it."""

    answer: Plan | Infeasible


class _EncodedReply(Understanding, frozen=True, kw_only=True):
    answer: msgspec.Raw


class Asking:
    """Answers questions with plans."""

    def __init__(self, *, snapshots: SnapshotStore, planning: Planning) -> None:
        """Take the inventory, for its names, and the use case that plans."""
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
        read = read_for_plan(text, names=self._names[1])
        found = await self._planning.answer(PLAN, read.fields)
        return msgspec.json.encode(
            _EncodedReply(
                question=text,
                intent=read.question.intent,
                language=read.question.language,
                understood=dict(read.question.fields),
                not_applied=read.not_applied,
                assumed=read.request.assumed,
                ignored=read.question.ignored,
                ambiguous=read.question.ambiguous,
                answer=msgspec.Raw(found.entry.body),
            )
        )


def inventory_names(inventory: Inventory) -> Names:
    """Return every name that a question may use: the inventory's and the planner's."""
    return names_from(inventory.gpus, inventory.offers, models(), weight_formats(), kv_cache_dtypes(), engine_facts())


def read_for_plan(text: str, *, names: Names) -> ReadQuestion:
    """Return the request that the question `text` makes.

    Raises:
        QuestionNotUnderstood: nothing in it is a question for this planner.
        InvalidRequest: what it asks for cannot be.
    """
    question = read_question(text, names=names)
    fields: dict[str, object] = {name: value for name, value in question.fields.items() if name in FIELDS}
    return ReadQuestion(
        question=question,
        request=read_plan_request(fields),
        fields=fields,
        not_applied=tuple(name for name in question.fields if name not in FIELDS),
    )
