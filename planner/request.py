"""What is asked of a plan: the canonical request."""

import datetime as dt

from msgspec import Struct

DEFAULT_MODEL = "deepseek-r1-8b"
DEFAULT_CONTEXT = 32_768
MAX_BATCH = 100_000
OWNED = "owned"
PRICINGS = ("on_demand", "spot", "buy", OWNED)
PRICE_KINDS = ("listed", "indicative", "any")
PROVIDER_KINDS = ("hyperscaler", "cloud", "marketplace", "serverless", "retail")
GPU_CLASSES = ("consumer", "workstation", "data_center")
VENDORS = ("nvidia", "amd", "intel")
GROUPS = ("gpu", "none")
OBJECTIVES = ("cheapest", "cheapest_per_token", "fastest", "best_quality", "balanced")


class PlanRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request as understood: every field filled in, `assumed` naming the ones that were not given.

    An empty tuple puts no condition. `context` is tokens of one sequence, `batch` the sequences held at full context at
    the same moment. `gpu` and `exclude_gpu` are identifiers, aliases or families; `region` is a region, country or
    continent; `as_of` is the past day whose prices are planned on, null for today; `config` is the config.json of a
    model that is not known here, and `model` its name then. Machines of one's own (`owned`) are planned on as they are
    free from `start` to `end`; at `start` where `end` is null. Several values of one field widen it (`gpu=l4&gpu=a10`),
    several fields narrow.
    """

    context: int = DEFAULT_CONTEXT
    batch: int = 1
    model: tuple[str, ...] = (DEFAULT_MODEL,)
    config: dict[str, object] | None = None
    weight_format: tuple[str, ...] = ()
    weight_bits: tuple[int, ...] = ()
    kv_cache_dtype: tuple[str, ...] = ()
    engine: tuple[str, ...] = ()
    gpu: tuple[str, ...] = ()
    exclude_gpu: tuple[str, ...] = ()
    gpu_count: tuple[int, ...] = ()
    tensor_parallel_size: tuple[int, ...] = ()
    exclude_class: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()
    exclude_vendor: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    exclude_provider: tuple[str, ...] = ()
    provider_kind: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    pricing: tuple[str, ...] = ("on_demand",)
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    max_usd_per_hour: float | None = None
    max_usd_per_month: float | None = None
    max_gpus: int | None = None
    min_quality: str = "near_lossless"
    allow_tight: bool = False
    price_kind: str = "listed"
    max_price_age_days: int | None = None
    as_of: dt.date | None = None
    objective: str = "cheapest"
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    min_tokens_per_second: float | None = None
    max_ttft_seconds: float | None = None
    max_tpot_seconds: float | None = None
    max_usd: float | None = None
    electricity_usd_per_kwh: float = 0.15
    utilization: float = 1.0
    limit: int = 10
    group: str = "gpu"
    assumed: tuple[str, ...] = ()
