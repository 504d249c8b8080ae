"""Pictures are what they say: PNG of twice the width that Discord shows, SVG that parses."""

import re
import struct
from xml.etree import ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

from service.charts.drawing import DrawingFailed, draw
from service.charts.frame import HEIGHT, WIDTH
from service.charts.memory import memory_chart
from service.charts.price_speed import price_speed_chart
from tests.service.charts.plans import INVENTORY, SPEEDS, make_infeasible, make_plan

SPECS = {
    "price and speed": price_speed_chart(make_plan()),
    "no speed": price_speed_chart(make_plan(speeds=dict.fromkeys(SPEEDS))),
    "memory": memory_chart(make_plan(batch=4), INVENTORY),
    "nothing fits": memory_chart(make_infeasible(), INVENTORY),
}


def png_size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_png_has_two_pixels_for_each_of_discords(spec: dict[str, object]) -> None:
    width, height = png_size(draw(msgspec.json.encode(spec), "png"))

    assert width == 2 * WIDTH
    assert 200 < height <= 2 * HEIGHT + 400


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_an_svg_parses_and_names_no_other_host(spec: dict[str, object]) -> None:
    picture = draw(msgspec.json.encode(spec), "svg")
    root = ET.fromstring(picture)  # noqa: S314 - drawn here, of our own words

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") == str(WIDTH)
    assert picture.count(b"http") == picture.count(b"http://www.w3.org/")


def test_what_is_no_chart_is_refused() -> None:
    with pytest.raises(DrawingFailed):
        draw(b'{"mark": 5, "encoding": []}', "png")


def test_nothing_is_fetched_from_anywhere() -> None:
    spec = {"data": {"url": "http://127.0.0.1:9/data.json"}, "mark": "point", "encoding": {}}

    with pytest.raises(DrawingFailed):
        draw(msgspec.json.encode(spec), "svg")


@pytest.mark.parametrize("cents", [0.001, 1, 100, 1_000_000])
def test_the_plot_fills_the_picture_whatever_is_paid(cents: float) -> None:
    answer = make_plan(gpu="rtx-4090")
    spec = price_speed_chart(replace(answer, options=(replace(answer.options[0], usd_per_hour=cents / 100),)))
    picture = draw(msgspec.json.encode(spec), "svg").decode()
    plot = re.search(r'class="background"[^>]*d="M[\d.]+,[\d.]+h([\d.]+)v([\d.]+)', picture)

    assert plot is not None
    assert float(plot[1]) > 0.8 * WIDTH
    assert float(plot[2]) > 0.5 * HEIGHT
