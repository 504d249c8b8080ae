"""The answer: a plan with its options, or that none exists, and why the rest fell."""

import datetime as dt
from typing import Literal

from msgspec import Struct

from planner.cost import Cost
from planner.engines import Launch
from planner.fleet import Allocation
from planner.memory import Memory
from planner.offer import Offer
from planner.quality import Quality
from planner.request import PlanRequest
from planner.speed import Speed, SpeedAtBatch, Work
from planner.weight_format import Checkpoint


class PlannedModel(Struct, frozen=True, kw_only=True):
    """Which model was planned for (`model_id` is the first of `model_ids`), what was asked for, and why this one."""

    model_id: str
    model_ids: tuple[str, ...]
    requested: tuple[str, ...]
    name: str
    reason: str
    other_model_ids: tuple[str, ...] = ()


class InventorySummary(Struct, frozen=True, kw_only=True):
    """What the plan was made from: the inventory's revision, its offers, and the dates of its prices.

    `as_of` is the past day whose prices these are; null for those of today.
    """

    revision: int
    as_of: dt.date | None = None
    offers: int
    newest_price: dt.date | None
    oldest_price: dt.date | None


class GpuSummary(Struct, frozen=True, kw_only=True):
    """The GPU of an option; `memory_bytes` is what a program on it sees."""

    gpu_id: str
    name: str
    memory_bytes: int
    memory_basis: str


class OptionMemory(Struct, frozen=True, kw_only=True):
    """The memory of the fullest GPU of an option."""

    per_gpu: Memory


class ReservationDraft(Struct, frozen=True, kw_only=True):
    """What to send to `POST /v1/reservations`, with an `owner`, to be promised an option's GPUs.

    `start` is the request's, null for now. `end` is the request's, or else when others are promised some of these GPUs;
    where it is null nobody is, and the sender must say one.
    """

    allocations: dict[str, int]
    start: dt.datetime | None
    end: dt.datetime | None


class OwnedNode(Struct, frozen=True, kw_only=True):
    """The machine of one's own that an option runs on, in the time from `start` to `end` of the request.

    `free_gpus` of its `gpu_count` are free all that time, the option's among them; `taken` are the allocations on the
    others. `free_until` is when some of the option's GPUs are promised to somebody else; null: never, as of now.
    `other_nodes` would do as well: they have as many of the same GPU free. `reservation` is what reserves the option's
    GPUs.
    """

    node: str
    site: str
    gpu_count: int
    free_gpus: int
    free_until: dt.datetime | None
    taken: tuple[Allocation, ...]
    other_nodes: tuple[str, ...]
    reservation: ReservationDraft


class Option(Struct, frozen=True, kw_only=True):
    """One way to deploy that meets the request; `usd_per_hour` is the whole instance's price.

    On a machine of one's own (`owned`; null for others) it is the price of the option's GPUs alone.

    `verdict` is `tight` only where the request allows it: whether it fits is inside the measured noise.

    `confidence` says how surely it meets the request's limits of speed: even at the slow end of the `band`, or only by
    the `estimate`; null where none were set.
    """

    rank: int
    model_id: str
    checkpoint: Checkpoint
    basis: Literal["measured", "modelled"]
    gpu: GpuSummary
    gpu_count: int
    tensor_parallel_size: int
    replicas: int
    weight_format: str
    kv_cache_dtype: str
    engine: str
    engine_version: str
    offer: Offer
    usd_per_hour: float
    verdict: Literal["fits", "tight"]
    memory: OptionMemory
    max_context: int
    max_batch: int
    quality: Quality
    speed: Speed
    cost: Cost
    confidence: Literal["band", "estimate"] | None
    launch: Launch
    warnings: tuple[str, ...]
    owned: OwnedNode | None = None


class FrontierPoint(Struct, frozen=True, kw_only=True):
    """A deployment on an offer: whatever is as cheap is slower or of a lower tier. Speed is that of one user.

    `as_of` is the date of the price.
    """

    offer_id: str
    gpu_id: str
    gpu_count: int
    model_id: str
    engine: str
    weight_format: str
    kv_cache_dtype: str
    tensor_parallel_size: int
    replicas: int
    usd_per_hour: float
    as_of: dt.date
    tokens_per_second_per_user: float
    tier: str


class NearestMiss(Struct, frozen=True, kw_only=True):
    """The candidate that missed by least: what was needed and what there was, in `unit`."""

    model_id: str | None = None
    gpu_id: str | None = None
    gpu_count: int | None = None
    tensor_parallel_size: int | None = None
    engine: str | None = None
    weight_format: str | None = None
    kv_cache_dtype: str | None = None
    offer_id: str | None = None
    needed: float | str
    available: float | str
    unit: str


class Change(Struct, frozen=True, kw_only=True):
    """A change of one request field that would make the nearest miss an option; `value` null: leave the field out."""

    field: str
    value: float | str | None
    message: str


class Rejection(Struct, frozen=True, kw_only=True):
    """Why some fell: how many `of` what ("deployments" or "offers"), and the one that missed by least."""

    reason: str
    count: int
    of: Literal["deployments", "offers"]
    message: str
    nearest: NearestMiss | None = None
    smallest_change: Change | None = None


class Plan(Struct, frozen=True, kw_only=True, tag_field="outcome", tag="plan"):
    """At least one option meets the request.

    `load` is the typical prompt and answer that speed and cost are figured for. `speed_by_batch` is the speed of the
    first option from one sequence to its `max_batch`, by doubling, with the planned batch among them.
    """

    request: PlanRequest
    load: Work
    model: PlannedModel
    inventory: InventorySummary
    options: tuple[Option, ...]
    speed_by_batch: tuple[SpeedAtBatch, ...]
    frontier: tuple[FrontierPoint, ...]
    indicative: Option | None
    rejections: tuple[Rejection, ...]


class Infeasible(Struct, frozen=True, kw_only=True, tag_field="outcome", tag="infeasible"):
    """No option meets the request; the rejections say why and what would help."""

    request: PlanRequest
    load: Work
    model: PlannedModel
    inventory: InventorySummary
    options: tuple[Option, ...]
    speed_by_batch: tuple[SpeedAtBatch, ...]
    frontier: tuple[FrontierPoint, ...]
    indicative: Option | None
    rejections: tuple[Rejection, ...]
