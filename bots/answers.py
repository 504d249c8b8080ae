"""What the bot reads from the API's answers; fields that it does not know are skipped, missing ones are None or empty.

The names, units and meanings are the API's own (`/schema/openapi.json`).
"""

from typing import Any

import msgspec


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU product."""

    gpu_id: str | None = None
    name: str | None = None
    memory_bytes: float | None = None
    aliases: list[str] | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model that can be planned for."""

    model_id: str | None = None
    name: str | None = None


class ModelUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The model that was planned for, and why."""

    model_id: str | None = None
    model_ids: list[str] | None = None
    requested: Any = None
    name: str | None = None
    reason: str | None = None


class WeightFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A way to store weights."""

    weight_format: str | None = None
    name: str | None = None
    tier: str | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An instance type in a region at a price on a date."""

    offer_id: str | None = None
    provider: str | None = None
    instance_type: str | None = None
    region: str | None = None
    pricing: str | None = None
    price_kind: str | None = None
    usd_per_hour: float | None = None
    as_of: str | None = None
    as_of_basis: str | None = None
    source: str | None = None


class MemoryPerGpu(msgspec.Struct, frozen=True, kw_only=True):
    """The memory of one GPU, part by part, in bytes."""

    usable_bytes: float | None = None
    weights_bytes: float | None = None
    kv_cache_bytes: float | None = None
    activation_bytes: float | None = None
    graph_bytes: float | None = None
    runtime_bytes: float | None = None
    headroom_bytes: float | None = None


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The memory that an option needs."""

    per_gpu: MemoryPerGpu | None = None


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """How close the option's answers are to those of 16-bit weights; `recovery` is a share, 1.0 for all of it."""

    tier: str | None = None
    recovery: float | None = None
    source: str | None = None


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """The command that starts what was planned."""

    command: str | None = None
    notes: list[str] | None = None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The published weights that the launch command loads."""

    repository: str | None = None
    published: bool | None = None
    how_to_make: str | None = None


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One way to deploy that meets the request."""

    rank: int | None = None
    model_id: str | None = None
    checkpoint: Checkpoint | None = None
    basis: str | None = None
    gpu: Gpu | None = None
    gpu_count: int | None = None
    tensor_parallel_size: int | None = None
    replicas: int | None = None
    weight_format: str | None = None
    kv_cache_dtype: str | None = None
    engine: str | None = None
    engine_version: str | None = None
    offer: Offer | None = None
    usd_per_hour: float | None = None
    memory: Memory | None = None
    max_context: int | None = None
    max_batch: int | None = None
    quality: Quality | None = None
    launch: Launch | None = None
    warnings: list[str] | None = None


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

    verdict: str | None = None
    reason: str | None = None
    instance_type: str | None = None
    changes: list[SmallestChange] | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One of the machines that are compared, and its cheapest offer."""

    judgement: Judgement | None = None
    cheapest: Offer | None = None


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
    machine's name means), `comparison` of `machines`, `requirements` of pairs of formats.
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
    warnings: list[str] | None = None
    others: list[Judgement] | None = None
    machines: list[Compared] | None = None
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
    """The answer of `/v1/ask`: how a question was read, and the answer of the path that its intent names."""

    question: str | None = None
    intent: str | None = None
    understood: dict[str, Any] | None = None
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
