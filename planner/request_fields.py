"""The fields a plan request may have: their kind, limits and meaning, in one table."""

from typing import Literal

from msgspec import Struct

from planner.request import GPU_CLASSES, GROUPS, MAX_BATCH, OBJECTIVES, PRICE_KINDS, PRICINGS, PROVIDER_KINDS, VENDORS
from planner.weight_format import TIERS

MOST_BYTES = 1 << 44
"""More than any GPU has, and little enough that no sum of sizes overflows."""

Kind = Literal["tokens", "integer", "number", "text", "boolean", "date", "object", "moment"]


class Field(Struct, frozen=True, kw_only=True):
    """One request field: what values it takes, whether it may be given several times, and what it means.

    `least` and `most` bound a number, both inclusive (`most` null: no bound); `choices` are the only words allowed,
    empty where the inventory or the planner's facts decide; `allowed` says what a text may be that is no name.
    `most_values` is how often a field that repeats may be given, null for as often as one likes.
    """

    kind: Kind
    description: str
    repeats: bool = False
    most_values: int | None = None
    choices: tuple[str, ...] = ()
    allowed: str = ""
    least: float = 0
    most: float | None = None
    example: str | int | float | None = None


FIELDS: dict[str, Field] = {
    "context": Field(
        kind="tokens", least=1, example="32k", description="Tokens one sequence may hold, prompt and output together."
    ),
    "batch": Field(
        kind="integer", least=1, most=MAX_BATCH, example=8, description="Sequences held at full context at one moment."
    ),
    # Each one is a search of its own.
    "model": Field(
        kind="text", repeats=True, most_values=8, example="deepseek-r1-8b", description="Model id or alias."
    ),
    "config": Field(
        kind="object",
        example='{"architectures": ["Qwen3ForCausalLM"], ...}',
        description="The config.json of a dense decoder-only model that is not known here, instead of a model's name.",
    ),
    "weight_format": Field(kind="text", repeats=True, example="fp8", description="How the weights are stored."),
    "weight_bits": Field(
        kind="integer", repeats=True, least=1, most=16, example=8, description="Nominal bits of a weight: 16, 8, 4."
    ),
    "kv_cache_dtype": Field(kind="text", repeats=True, example="fp16", description="Element type of the KV cache."),
    "engine": Field(kind="text", repeats=True, example="vllm", description="Serving engine."),
    "gpu": Field(kind="text", repeats=True, example="rtx-4090", description="GPU id, alias or family."),
    "exclude_gpu": Field(
        kind="text", repeats=True, example="a100", description="GPU id, alias or family to leave out."
    ),
    "gpu_count": Field(kind="integer", repeats=True, least=1, most=64, example=1, description="GPUs of the instance."),
    "tensor_parallel_size": Field(
        kind="integer",
        repeats=True,
        least=1,
        most=8,
        example=1,
        description="GPUs one copy of the model is split over.",
    ),
    "exclude_class": Field(
        kind="text", repeats=True, choices=GPU_CLASSES, example="consumer", description="GPU classes to leave out."
    ),
    "vendor": Field(kind="text", repeats=True, choices=VENDORS, example="nvidia", description="GPU vendors wanted."),
    "exclude_vendor": Field(
        kind="text", repeats=True, choices=VENDORS, example="amd", description="GPU vendors to leave out."
    ),
    "provider": Field(kind="text", repeats=True, example="runpod", description="Providers wanted."),
    "exclude_provider": Field(kind="text", repeats=True, example="vast", description="Providers to leave out."),
    "provider_kind": Field(
        kind="text", repeats=True, choices=PROVIDER_KINDS, example="cloud", description="Kinds of provider wanted."
    ),
    "region": Field(
        kind="text",
        repeats=True,
        example="eu",
        description="Region or the start of its name (us-east), country or continent.",
    ),
    "pricing": Field(
        kind="text", repeats=True, choices=PRICINGS, example="on_demand", description="How the instance is paid."
    ),
    "start": Field(
        kind="moment",
        example="2031-12-01T09:00Z",
        description="From when on machines of one's own are needed, with pricing=owned; now where it is not given.",
    ),
    "end": Field(
        kind="moment",
        example="2031-12-05T18:00Z",
        description="Until when they are needed; where it is not given, what is free at `start` is planned on.",
    ),
    "max_usd_per_hour": Field(kind="number", example=1.5, description="Ceiling of the whole instance's hourly price."),
    "max_usd_per_month": Field(kind="number", example=800, description="The same for a month of 730 hours."),
    "max_gpus": Field(kind="integer", least=1, most=64, example=2, description="Most GPUs the instance may have."),
    "min_quality": Field(
        kind="text", choices=TIERS, example="near_lossless", description="Floor of quality against bf16."
    ),
    "allow_tight": Field(
        kind="boolean", example=True, description="Offer what fits only inside the measured noise too, after what fits."
    ),
    "price_kind": Field(
        kind="text",
        choices=PRICE_KINDS,
        example="listed",
        description="Prices to plan on; indicative ones are no offer.",
    ),
    "max_price_age_days": Field(
        kind="integer", least=0, most=36_500, example=180, description="Leave out prices older than this."
    ),
    "as_of": Field(
        kind="date",
        example="2026-03-01",
        description="Plan on the prices of this past day, which is then the day that prices' ages are counted to.",
    ),
    "objective": Field(
        kind="text", choices=OBJECTIVES, example="cheapest", description="What the first option is best at."
    ),
    "prompt_tokens": Field(
        kind="tokens", least=1, example=1024, description="Tokens of a typical prompt, for speed and cost."
    ),
    "output_tokens": Field(
        kind="tokens", least=1, example=4096, description="Tokens of a typical answer, for speed and cost."
    ),
    "min_tokens_per_second": Field(
        kind="number", example=40, description="Least output tokens per second that each user gets."
    ),
    "max_ttft_seconds": Field(kind="number", example=2, description="Longest time to the first token."),
    "max_tpot_seconds": Field(kind="number", example=0.05, description="Longest mean time per output token."),
    "max_usd": Field(
        kind="number", example=400, description="Ceiling of what buying the GPUs costs, with pricing=buy."
    ),
    "electricity_usd_per_kwh": Field(
        kind="number", most=10, example=0.15, description="Price of electricity, for GPUs bought and owned."
    ),
    "utilization": Field(
        kind="number",
        least=0.001,
        most=1,
        example=0.5,
        description="Share of the hours in which the planned load runs, for cost.",
    ),
    "limit": Field(kind="integer", least=1, most=1_000, example=10, description="Most options to list."),
    "group": Field(
        kind="text", choices=GROUPS, example="gpu", description="One option per GPU and count (gpu), or all (none)."
    ),
}
"""Every field by its name on the wire, in the order they are documented."""
