"""`/v1/plan/chart`: a plan as a picture."""

from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.service.charts.test_drawing import png_size


async def test_a_plan_is_drawn_as_png_by_default(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/plan/chart?context=8k&batch=4")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert png_size(answer.content) == (780, 600)


@pytest.mark.parametrize(("kind", "title"), [("price_speed", "Price against speed"), ("memory", "Memory of each GPU")])
async def test_each_kind_can_be_had_as_svg(api: httpx.AsyncClient, kind: str, title: str) -> None:
    answer = await api.get(f"/v1/plan/chart?context=8k&kind={kind}&format=svg")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert ET.fromstring(answer.content).tag.endswith("svg")  # noqa: S314 - of our own words
    assert title in answer.text


async def test_who_has_the_picture_already_gets_304_without_a_drawing(api: httpx.AsyncClient) -> None:
    path = "/v1/plan/chart?context=8k&format=svg"
    first = await api.get(path)
    again = await api.get(path)
    known = await api.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-status"] == "r1plan; fwd=uri-miss; stored"
    assert again.headers["cache-status"] == "r1plan; hit"
    assert again.headers["etag"] == first.headers["etag"]
    assert again.content == first.content
    assert (known.status_code, known.content) == (304, b"")


async def test_kinds_and_formats_of_one_plan_have_tags_of_their_own(api: httpx.AsyncClient) -> None:
    paths = [
        f"/v1/plan/chart?kind={kind}&format={picture}"
        for kind in ("price_speed", "memory")
        for picture in ("png", "svg")
    ]
    tags = {(await api.get(path)).headers["etag"] for path in paths}

    assert len(tags) == 4


@pytest.mark.parametrize("kind", ["price_speed", "memory"])
async def test_where_nothing_fits_a_picture_says_so(api: httpx.AsyncClient, kind: str) -> None:
    answer = await api.get(f"/v1/plan/chart?context=128k&batch=64&gpu=t4&gpu_count=1&format=svg&kind={kind}")

    assert answer.status_code == 200
    assert "Nothing fits" in answer.text


async def test_options_without_a_speed_are_no_error(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/plan/chart?vendor=amd&format=svg")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ("kind=pie", "kind", "price_speed, memory"),
        ("format=gif", "format", "png, svg"),
        ("context=0", "context", "1 to 131,072"),
        ("knd=memory", "knd", "kind"),
        ("kind=memory&kind=price_speed", "kind", "price_speed, memory"),
    ],
)
async def test_what_cannot_be_drawn_is_a_problem_that_says_what_can(
    api: httpx.AsyncClient, query: str, field: str, allowed: str
) -> None:
    answer = await api.get(f"/v1/plan/chart?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field
    assert allowed in answer.json()["allowed"]


async def test_both_media_types_and_all_fields_are_documented(api: httpx.AsyncClient) -> None:
    document = (await api.get("/schema/openapi.json")).json()
    chart, plan = (document["paths"][path]["get"] for path in ("/v1/plan/chart", "/v1/plan"))

    def names(operation: dict[str, list[dict[str, str]]]) -> set[str]:
        return {parameter["name"] for parameter in operation["parameters"]}

    assert set(chart["responses"]["200"]["content"]) == {"image/png", "image/svg+xml"}
    assert names(chart) == names(plan) | {"kind", "format"}
