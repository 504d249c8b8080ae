"""Random inventories and requests for properties that must hold on all of them."""

import datetime as dt

from hypothesis import strategies as st

from planner import Gpu, Offer, PlanRequest

TODAY = dt.date(2026, 11, 21)
_NVIDIA = ((6, 0), (7, 0), (7, 5), (8, 0), (8, 6), (8, 9), (9, 0), (10, 0), (12, 0))


@st.composite
def gpus(draw: st.DrawFn) -> list[Gpu]:
    """Return one to six GPUs of both vendors, from 8 to 192 GiB."""
    count = draw(st.integers(1, 6))
    return [draw(gpu(f"gpu-{number}")) for number in range(count)]


@st.composite
def gpu(draw: st.DrawFn, gpu_id: str) -> Gpu:
    """Return a GPU of either vendor, from 8 to 192 GiB."""
    is_nvidia = draw(st.integers(0, 4)) > 0
    return Gpu(
        gpu_id=gpu_id,
        name=gpu_id.upper(),
        vendor="nvidia" if is_nvidia else "amd",
        architecture="",
        gpu_class=draw(st.sampled_from(["consumer", "workstation", "data_center"])),
        visible_memory_gib=draw(st.sampled_from([7.6, 11.63, 14.56, 15.48, 22.03, 23.52, 31.36, 44.31, 79.19, 182.4])),
        visible_memory_basis="measured",
        compute_capability=draw(st.sampled_from(_NVIDIA)) if is_nvidia else None,
        gfx_target=None if is_nvidia else draw(st.sampled_from(["gfx942", "gfx1100", "gfx906"])),
    )


@st.composite
def offers(draw: st.DrawFn, of: list[Gpu]) -> list[Offer]:
    """Return up to twelve offers of these GPUs, some at equal prices."""
    count = draw(st.integers(0, 12))
    return [draw(_offer(f"offer-{number}", of)) for number in range(count)]


@st.composite
def _offer(draw: st.DrawFn, offer_id: str, of: list[Gpu]) -> Offer:
    return Offer(
        offer_id=offer_id,
        provider=draw(st.sampled_from(["aws", "lium", "vast"])),
        provider_kind="cloud",
        instance_type=draw(st.sampled_from(["small", "large"])),
        gpu_id=draw(st.sampled_from(of)).gpu_id,
        gpu_count=draw(st.sampled_from([1, 1, 2, 4, 8])),
        pricing=draw(st.sampled_from(["on_demand", "on_demand", "spot"])),
        usd_per_hour=draw(st.sampled_from([0.15, 0.4, 0.4, 0.99, 1.5, 3.25, 12.0])),
        price_kind=draw(st.sampled_from(["listed", "listed", "indicative"])),
        as_of=TODAY - dt.timedelta(days=draw(st.integers(0, 400))),
        as_of_basis="exact",
        source="invented",
    )


@st.composite
def requests(draw: st.DrawFn) -> PlanRequest:
    """Return a request for either model, any context and a batch of up to 64."""
    return PlanRequest(
        context=draw(st.one_of(st.sampled_from([2048, 8192, 32_768, 131_072]), st.integers(1, 131_072))),
        batch=draw(st.sampled_from([1, 1, 2, 3, 4, 5, 8, 16, 64])),
        model=draw(
            st.sampled_from(
                [
                    ("deepseek-r1-8b",),
                    ("deepseek-r1-distill-llama-8b",),
                    ("deepseek-r1-distill-llama-8b", "deepseek-r1-0528-qwen3-8b"),
                ]
            )
        ),
        pricing=draw(st.sampled_from([("on_demand",), ("spot",), ("on_demand", "spot")])),
        min_quality=draw(st.sampled_from(["lossless", "near_lossless", "near_lossless", "degraded", "poor"])),
        price_kind=draw(st.sampled_from(["listed", "listed", "any"])),
        max_usd_per_hour=draw(st.one_of(st.none(), st.sampled_from([0.15, 0.3, 1.0, 3.25]))),
        max_gpus=draw(st.one_of(st.none(), st.integers(1, 8))),
        allow_tight=draw(st.sampled_from([False, False, True])),
        limit=1000,
    )
