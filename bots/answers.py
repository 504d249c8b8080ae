"""What the bot reads of the API's answers; missing fields are None or empty.

The names, units and meanings are the API's own (`/schema/openapi.json`); fields that are not here are skipped.
"""

from typing import Any

import msgspec

from bots.deployments import Checkpoint, Cost, Gpu, Launch, Memory, ModelUsed, Offer, Option, Quality, Speed


class SmallestChange(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of the request that would make an option fit."""

    field: str | None = None
    value: Any = None
    message: str | None = None


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """Why a class of options fell, with the one that came nearest."""

    reason: str | None = None
    count: int | None = None
    of: str | None = None
    message: str | None = None
    nearest: dict[str, Any] | None = None
    smallest_change: SmallestChange | None = None


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """The offers that were searched."""

    revision: int | str | None = None
    offers: int | None = None
    newest_price: str | None = None
    oldest_price: str | None = None


class PlanAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `/v1/plan`: `outcome` is `plan` or `infeasible`."""

    outcome: str | None = None
    request: dict[str, Any] | None = None
    model: ModelUsed | None = None
    inventory: Inventory | None = None
    options: list[Option] | None = None
    indicative: Option | None = None
    rejections: list[Rejection] | None = None


class Judgement(Option, frozen=True, kw_only=True):
    """Whether something fits one machine, and what would make it fit."""

    reason: str | None = None
    instance_type: str | None = None
    changes: list[SmallestChange] | None = None


class BatchAt(msgspec.Struct, frozen=True, kw_only=True):
    """The largest batch at one context; 0 where not even one sequence fits."""

    context: int | None = None
    max_batch: int | None = None


class ContextAt(msgspec.Struct, frozen=True, kw_only=True):
    """The largest context at one batch; 0 where nothing fits."""

    batch: int | None = None
    max_context: int | None = None


class Frontier(msgspec.Struct, frozen=True, kw_only=True):
    """How far context and batch reach with one weight format on a machine."""

    weight_format: str | None = None
    kv_cache_dtype: str | None = None
    engine: str | None = None
    tier: str | None = None
    batches: list[BatchAt] | None = None
    contexts: list[ContextAt] | None = None


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """One machine: of a comparison with its `judgement` and `cheapest` offer, or of limits with its `frontiers`."""

    judgement: Judgement | None = None
    cheapest: Offer | None = None
    gpu: Gpu | None = None
    gpu_count: int | None = None
    frontiers: list[Frontier] | None = None


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What one pair of formats needs, and the smallest GPUs that hold it."""

    weight_format: str | None = None
    kv_cache_dtype: str | None = None
    engine: str | None = None
    tier: str | None = None
    needed_bytes: float | None = None
    smallest_gpus: list[Gpu] | None = None


class AskedAnswer(PlanAnswer, frozen=True, kw_only=True):
    """Whatever answers a question; `outcome` tells which of its fields are there.

    `plan` and `infeasible` as a plan, `judgement` of one machine (the fields of `Judgement`, and the `others` that the
    machine's name means), `comparison` and `limits` of `machines`, `requirements` of pairs of formats.
    """

    verdict: str | None = None
    reason: str | None = None
    gpu: Gpu | None = None
    gpu_count: int | None = None
    model_id: str | None = None
    checkpoint: Checkpoint | None = None
    basis: str | None = None
    engine: str | None = None
    weight_format: str | None = None
    kv_cache_dtype: str | None = None
    memory: Memory | None = None
    max_context: int | None = None
    max_batch: int | None = None
    quality: Quality | None = None
    launch: Launch | None = None
    changes: list[SmallestChange] | None = None
    speed: Speed | None = None
    cost: Cost | None = None
    instance_type: str | None = None
    warnings: list[str] | None = None
    others: list[Judgement] | None = None
    machines: list[Machine] | None = None
    requirements: list[Requirement] | None = None

    @property
    def judgement(self) -> Judgement:
        """The verdict on the first machine, as one value."""
        names = set(Judgement.__struct_fields__) & set(self.__struct_fields__)
        return Judgement(**{name: getattr(self, name) for name in names})


class Ambiguity(msgspec.Struct, frozen=True, kw_only=True):
    """A fragment of a question with several readings; each names the fields that it would set."""

    text: str | None = None
    readings: list[dict[str, Any]] | None = None


class AskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `/v1/ask`: how a question was read, and the answer of the path `endpoint`."""

    question: str | None = None
    intent: str | None = None
    endpoint: str | None = None
    understood: dict[str, Any] | None = None
    not_applied: list[str] | None = None
    assumed: list[str] | None = None
    ignored: list[str] | None = None
    ambiguous: list[Ambiguity] | None = None
    answer: AskedAnswer | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An RFC 9457 problem: what was wrong, what is allowed, what is nearest."""

    title: str | None = None
    status: int | None = None
    detail: str | None = None
    code: str | None = None
    field: str | None = None
    allowed: Any = None
    nearest: Any = None
