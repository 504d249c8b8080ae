from __future__ import annotations

from typing import Any

from bots.client import PlannerClient
from bots.shelf import KEPT_SECONDS, RETRY_SECONDS
from bots.suggestions import Suggestion, Suggestions, match
from bots.words import LANGUAGES
from tests.bots.planner_api import PlannerApi

GPUS: tuple[int, Any] = (
    200,
    {
        "items": [
            {"gpu_id": "rtx-4090", "name": "RTX 4090", "aliases": ["geforce rtx 4090"]},
            {"gpu_id": "rtx-4000-ada", "name": "RTX 4000 Ada"},
            {"gpu_id": "h100-sxm", "name": "H100 SXM"},
            {"name": "without an id"},
        ]
    },
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def values(suggestions: list[Suggestion]) -> list[str]:
    return [suggestion.value for suggestion in suggestions]


async def test_what_is_typed_finds_gpus_by_id_name_and_alias() -> None:
    async with PlannerApi({"/v1/gpus": GPUS}) as api, PlannerClient(api.url) as planner:
        suggestions = Suggestions(planner)

        assert values(await suggestions.gpus("rtx40")) == ["rtx-4090", "rtx-4000-ada"]
        assert values(await suggestions.gpus("H100")) == ["h100-sxm"]
        assert values(await suggestions.gpus("GeForce RTX 40")) == ["rtx-4090"]
        assert values(await suggestions.gpus("")) == ["rtx-4090", "rtx-4000-ada", "h100-sxm"]
        assert values(await suggestions.gpus("b200")) == []


async def test_the_api_is_asked_once_and_again_when_the_list_is_old() -> None:
    clock = Clock()
    async with PlannerApi({"/v1/gpus": GPUS}) as api, PlannerClient(api.url) as planner:
        suggestions = Suggestions(planner, clock=clock)
        await suggestions.gpus("r")
        await suggestions.gpus("rt")
        assert len(api.queries) == 1
        clock.seconds += KEPT_SECONDS
        await suggestions.gpus("rtx")

    assert len(api.queries) == 2


async def test_an_api_in_trouble_leaves_the_old_list_in_place() -> None:
    clock = Clock()
    async with PlannerApi({"/v1/gpus": GPUS}) as api, PlannerClient(api.url) as planner:
        suggestions = Suggestions(planner, clock=clock)
        await suggestions.gpus("")
        api.answers["/v1/gpus"] = (503, {"detail": "no database"})
        clock.seconds += KEPT_SECONDS
        assert values(await suggestions.gpus("h100")) == ["h100-sxm"]
        api.answers["/v1/gpus"] = (200, {"items": [{"gpu_id": "h100-pcie", "name": "H100 PCIe"}]})
        assert values(await suggestions.gpus("h100")) == ["h100-sxm"]
        clock.seconds += RETRY_SECONDS
        assert values(await suggestions.gpus("h100")) == ["h100-pcie"]


async def test_an_api_that_cannot_be_reached_gives_no_suggestions(free_port: int) -> None:
    async with PlannerClient(f"http://127.0.0.1:{free_port}") as planner:
        assert await Suggestions(planner).gpus("") == []


async def test_providers_are_those_of_the_offers_each_once() -> None:
    offers = {"items": [{"provider": "runpod"}, {"provider": "lium"}, {"provider": "runpod"}, {}]}
    async with PlannerApi({"/v1/offers": (200, offers)}) as api, PlannerClient(api.url) as planner:
        assert values(await Suggestions(planner).providers("")) == ["lium", "runpod"]


async def test_a_family_of_gpus_is_offered_before_its_first() -> None:
    names = {"a100-40gb-sxm": "A100 40GB SXM", "h100-nvl": "H100 NVL", "h100-sxm": "H100 SXM"}
    families = {"a100-40gb-sxm": ["a100", "a100-40gb"], "h100-nvl": ["h100"], "h100-sxm": ["h100"]}
    gpus = {"items": [{"gpu_id": gpu, "name": name, "families": families[gpu]} for gpu, name in names.items()]}
    async with PlannerApi({"/v1/gpus": (200, gpus)}) as api, PlannerClient(api.url) as planner:
        found = await Suggestions(planner).gpus("h100")

    assert values(found) == ["h100", "h100-nvl", "h100-sxm"]
    assert [found[0].label_in(language) for language in LANGUAGES] == ["H100 (any)", "H100（任意）", "H100（任意）"]  # noqa: RUF001 - as Chinese is written


async def test_a_continent_is_found_and_shown_by_its_name_and_other_names_are_the_apis_to_know() -> None:
    offers = {"items": [{"continent": "EU", "country": "DE", "region": "eu-west"}]}
    async with PlannerApi({"/v1/offers": (200, offers)}) as api, PlannerClient(api.url) as planner:
        suggestions = Suggestions(planner)
        typed = await suggestions.regions("eur")
        chinese = await suggestions.regions("欧洲")
        named = [await suggestions.find_region(name) for name in ("europe", "歐洲", " eu-WEST ", "Germany")]
        api.answers["/v1/offers"] = (200, {"items": []})
        unknown = await suggestions.find_region("Atlantis")

    assert [(item.value, item.label) for item in typed] == [("EU", "Europe (EU)")]
    assert values(chinese) == ["EU"]
    assert named == ["EU", "EU", "eu-west", "Germany"]
    assert api.queries[-1] == ("/v1/offers", {"region": "Atlantis", "limit": "1"})
    assert unknown is None


async def test_weight_formats_show_their_tier() -> None:
    formats = {"items": [{"weight_format": "fp8", "tier": "near_lossless"}, {"weight_format": "bf16"}]}
    async with PlannerApi({"/v1/weight-formats": (200, formats)}) as api, PlannerClient(api.url) as planner:
        found = await Suggestions(planner).weight_formats("")

    assert [(item.value, item.label) for item in found] == [("fp8", "fp8 (near_lossless)"), ("bf16", "bf16")]


async def test_any_context_may_be_typed_and_usual_ones_are_offered(free_port: int) -> None:
    async with PlannerClient(f"http://127.0.0.1:{free_port}") as planner:
        suggestions = Suggestions(planner)

        assert values(await suggestions.contexts("")) == ["4k", "8k", "16k", "32k", "64k", "128k"]
        assert values(await suggestions.contexts("32k")) == ["32k"]
        assert values(await suggestions.contexts("12345")) == ["12345"]
        assert values(await suggestions.contexts("8")) == ["8", "8k", "128k"]
        assert values(await suggestions.contexts("9" * 101)) == []


def test_no_more_is_suggested_than_discord_shows() -> None:
    many = [Suggestion(value=f"gpu-{number}", label=f"GPU {number}") for number in range(40)]

    assert len(match("gpu", many)) == 25


async def test_a_name_too_long_for_discord_is_cut_and_a_value_too_long_left_out() -> None:
    gpus = {"items": [{"gpu_id": "x" * 101, "name": "long id"}, {"gpu_id": "y", "name": "z" * 101}]}
    async with PlannerApi({"/v1/gpus": (200, gpus)}) as api, PlannerClient(api.url) as planner:
        found = await Suggestions(planner).gpus("")

    assert [(item.value, len(item.label)) for item in found] == [("y", 100)]
