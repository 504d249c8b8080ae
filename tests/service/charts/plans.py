"""Plans of three small machines with speeds that are made up, to be drawn."""

import datetime as dt
from typing import Any

from msgspec.structs import replace

from planner import Band, Gpu, Infeasible, Inventory, Offer, Option, Plan, Speed, plan, read_plan_request

TODAY = dt.date(2026, 11, 21)
SPEEDS = {"rtx-3090": 40.0, "rtx-4090": 60.0, "h100-sxm": 150.0}
PRICES = {"rtx-3090": 0.2, "rtx-4090": 0.4, "h100-sxm": 2.5}


def _gpu(gpu_id: str, name: str, gib: float, capability: tuple[int, int]) -> Gpu:
    return Gpu(
        gpu_id=gpu_id,
        name=name,
        vendor="nvidia",
        architecture="",
        gpu_class="consumer",
        visible_memory_gib=gib,
        visible_memory_basis="measured",
        compute_capability=capability,
        tdp_watts=400.0,
    )


def _offer(gpu_id: str) -> Offer:
    return Offer(
        offer_id=gpu_id,
        provider="somewhere",
        provider_kind="cloud",
        instance_type="one",
        gpu_id=gpu_id,
        gpu_count=1,
        pricing="on_demand",
        usd_per_hour=PRICES[gpu_id],
        price_kind="listed",
        as_of=dt.date(2026, 11, 1) + dt.timedelta(days=len(gpu_id)),
        as_of_basis="exact",
        source="invented",
    )


BOUGHT = replace(
    _offer("rtx-4090"),
    offer_id="bought",
    pricing="buy",
    usd_per_hour=0.1,
    purchase_usd=1_600,
    as_of=dt.date(2022, 10, 1),
)

INVENTORY = Inventory(
    revision=1,
    gpus=[
        _gpu("rtx-3090", "RTX 3090", 23.56, (8, 6)),
        _gpu("rtx-4090", "RTX 4090", 23.52, (8, 9)),
        _gpu("h100-sxm", "H100 SXM", 79.19, (9, 0)),
    ],
    offers=[*(_offer(gpu_id) for gpu_id in PRICES), BOUGHT],
)


def band(estimate: float) -> Band:
    """Return a band of a tenth around `estimate`."""
    return Band(estimate=estimate, low=estimate * 0.9, high=estimate * 1.1)


def with_speed(option: Option, tokens_per_second: float | None) -> Option:
    """Return `option` with that speed for one user, or with none and a reason."""
    if tokens_per_second is None:
        return replace(option, speed=Speed(basis=None, reason="nobody measured it"))
    return replace(option, speed=Speed(basis="class", reason="", tokens_per_second_per_user=band(tokens_per_second)))


def make_plan(*, speeds: dict[str, float | None] | None = None, **fields: object) -> Plan:
    """Return a plan whose options have `speeds` by GPU, those of SPEEDS where not given."""
    answer = plan(read_plan_request(fields), INVENTORY, today=TODAY)
    assert isinstance(answer, Plan)
    known = SPEEDS | (speeds or {})
    options = (with_speed(option, known[option.gpu.gpu_id]) for option in answer.options)
    return replace(answer, options=tuple(options))


def make_infeasible() -> Infeasible:
    """Return an answer without an option."""
    answer = plan(read_plan_request({"max_usd_per_hour": 0.01}), INVENTORY, today=TODAY)
    assert isinstance(answer, Infeasible)
    return answer


def rows_of(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    """Return the data of the first layer of that mark."""
    layers = [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]
    return layers[0]["data"]["values"]


def all_words(spec: dict[str, Any]) -> str:
    """Return everything that a chart says: title, caption, and words on it."""
    title, words = spec["title"], [row["text"] for row in _text_rows(spec, "text")]
    captions = [
        layer["encoding"]["x"]["axis"]["title"] for layer in spec["layer"] if "datum" in layer["encoding"].get("x", {})
    ]
    lines = [row["line"] for row in _text_rows(spec, "line")]
    return " ".join(
        [title["text"], *title["subtitle"], *words, *lines, *(line for caption in captions for line in caption)]
    )


def _text_rows(spec: dict[str, Any], field: str) -> list[dict[str, Any]]:
    texts = [layer for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    return [row for layer in texts for row in layer["data"]["values"] if field in row]
