"""What the bot reads of GPUs, models, offers and of one way to deploy; missing fields are None.

The names, units and meanings are the API's own (`/schema/openapi.json`); fields that are not here are skipped.
"""

from typing import Any

import msgspec


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU product."""

    gpu_id: str | None = None
    name: str | None = None
    memory_bytes: float | None = None
    aliases: list[str] | None = None
    families: list[str] | None = None
    vendor: str | None = None
    architecture: str | None = None
    memory_bandwidth_gb_per_s: float | None = None
    release_year: int | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model that can be planned for."""

    model_id: str | None = None
    name: str | None = None
    num_parameters: float | None = None
    max_position_embeddings: float | None = None
    release_date: str | None = None
    license: str | None = None
    aliases: list[str] | None = None


class ModelUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The model that was planned for, and why."""

    model_id: str | None = None
    model_ids: list[str] | None = None
    requested: Any = None
    name: str | None = None
    reason: str | None = None
    other_model_ids: list[str] | None = None


class WeightFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A way to store weights."""

    weight_format: str | None = None
    name: str | None = None
    tier: str | None = None


class KvCacheDtype(msgspec.Struct, frozen=True, kw_only=True):
    """A way to store keys and values."""

    kv_cache_dtype: str | None = None


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """A program that serves a model."""

    engine: str | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An instance type in a region at a price on a date."""

    offer_id: str | None = None
    provider: str | None = None
    instance_type: str | None = None
    region: str | None = None
    country: str | None = None
    continent: str | None = None
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


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """An estimated figure; eight in ten measured cases lie between `low` and `high`."""

    estimate: float | None = None
    low: float | None = None
    high: float | None = None


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast an option answers; `basis` tells what the estimate rests on."""

    basis: str | None = None
    ttft_seconds: Estimate | None = None
    tokens_per_second_per_user: Estimate | None = None


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """What buying costs, and after how many months it is cheaper than renting; if never, the `reason`."""

    usd: float | None = None
    life_years: float | None = None
    break_even_months: float | None = None
    reason: str | None = None


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What an option costs."""

    usd_per_month: float | None = None
    usd_per_million_output_tokens: Estimate | None = None
    purchase: Purchase | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A machine of one's own."""

    node: str | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """GPUs of a node that somebody holds, until `end` (UTC, ISO 8601)."""

    gpu_count: int | None = None
    owner: str | None = None
    end: str | None = None


class OwnedNode(msgspec.Struct, frozen=True, kw_only=True):
    """The machine of one's own that an option runs on; from `free_until` on some of its GPUs are another's."""

    node: str | None = None
    site: str | None = None
    gpu_count: int | None = None
    free_gpus: int | None = None
    free_until: str | None = None
    taken: list[Taken] | None = None


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
    speed: Speed | None = None
    cost: Cost | None = None
    verdict: str | None = None
    launch: Launch | None = None
    owned: OwnedNode | None = None
    warnings: list[str] | None = None
