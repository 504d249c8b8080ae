"""Pictures are what they say: PNG half as wide again as Discord shows it, SVG that parses."""

import datetime as dt
import itertools
import re
import struct
from xml.etree import ElementTree as ET

import msgspec
import pytest
from msgspec.structs import replace

from planner import plan, read_plan_request
from service.charts.drawing import DrawingFailed, PictureFormat, draw
from service.charts.frame import HEIGHT, WIDTH
from service.charts.memory import memory_chart
from service.charts.price_speed import price_speed_chart
from tests.benchmarks.inventories import seeded_inventory
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
def test_a_png_has_half_as_many_pixels_again_as_discord_shows(spec: dict[str, object]) -> None:
    width, height = png_size(draw(msgspec.json.encode(spec), "png"))

    assert width == 1.5 * WIDTH
    assert 150 < height <= 1.5 * HEIGHT + 300


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_an_svg_parses_and_names_no_other_host(spec: dict[str, object]) -> None:
    picture = draw(msgspec.json.encode(spec), "svg")
    root = ET.fromstring(picture)  # noqa: S314 - drawn here, of our own words

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("width") == str(WIDTH)
    assert picture.count(b"http") == picture.count(b"http://www.w3.org/")


@pytest.mark.parametrize("picture_format", ["png", "svg"])
def test_characters_that_no_picture_can_hold_are_drawn_as_unknown(picture_format: PictureFormat) -> None:
    spec = {"title": "in \x01\x1f\ufffe town", "data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {}}
    picture = draw(msgspec.json.encode(spec), picture_format)

    assert picture
    assert picture_format == "png" or "in \ufffd\ufffd\ufffd town" in picture.decode()


def test_what_is_no_chart_is_refused() -> None:
    with pytest.raises(DrawingFailed):
        draw(b'{"mark": 5, "encoding": []}', "png")


def test_nothing_is_fetched_from_anywhere() -> None:
    spec = {"data": {"url": "http://127.0.0.1:9/data.json"}, "mark": "point", "encoding": {}}

    with pytest.raises(DrawingFailed):
        draw(msgspec.json.encode(spec), "svg")


@pytest.mark.parametrize(
    "request_", [{"context": "32k", "batch": 4}, {"pricing": "buy"}, {"context": "8k", "batch": 8}]
)
def test_no_name_crosses_an_axis_the_frame_or_another_name(request_: dict[str, object]) -> None:
    answer = plan(read_plan_request({**request_, "limit": 40}), seeded_inventory(), today=dt.date(2026, 11, 1))
    picture = draw(msgspec.json.encode(price_speed_chart(answer)), "svg").decode()
    plot = re.search(r'class="background"[^>]*d="M[\d.]+,[\d.]+h([\d.]+)v([\d.]+)', picture)
    assert plot is not None
    width, height = float(plot[1]), float(plot[2])
    boxes = [_name_box(found) for found in _NAME.finditer(picture)]

    assert len(boxes) >= 2
    for left, top, right, bottom in boxes:
        assert 0 < left < right < width
        assert 0 < top < bottom < height
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


# names in their halo, each once; where they stand is counted from the corner of the plot
_NAME = re.compile(
    r'text-anchor="(start|middle|end)" transform="translate\(([\d.]+),([\d.]+)\)"[^>]*font-size="11.5px"'
    r'[^>]*stroke="white"[^>]*>([^<]*)<'
)


def _name_box(found: re.Match[str]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a name; letters of that size are 6 pixels wide in the mean."""
    anchor, x, y, name = found.groups()
    length = 6.0 * len(name)
    left = float(x) - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * length
    # the place is that of the baseline
    return left, float(y) - 9, left + length, float(y) + 2


@pytest.mark.parametrize("cents", [0.001, 1, 100, 1_000_000])
def test_the_plot_fills_the_picture_whatever_is_paid(cents: float) -> None:
    answer = make_plan(gpu="rtx-4090")
    spec = price_speed_chart(replace(answer, options=(replace(answer.options[0], usd_per_hour=cents / 100),)))
    picture = draw(msgspec.json.encode(spec), "svg").decode()
    plot = re.search(r'class="background"[^>]*d="M[\d.]+,[\d.]+h([\d.]+)v([\d.]+)', picture)

    assert plot is not None
    assert float(plot[1]) > 0.8 * WIDTH
    assert float(plot[2]) > 0.5 * HEIGHT
