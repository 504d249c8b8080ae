"""Names of points hide neither each other nor other points."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from service.charts.labels import Mark, name_box, place_names


def mark(x: float, y: float, name: str = "") -> Mark:
    return Mark(x=x, y=y, top=y - 20, bottom=y + 20, radius=6, name=name)


def test_a_name_stands_to_the_right_of_its_point_where_there_is_room() -> None:
    assert place_names([mark(50, 100, "1x L4")], width=400, height=200)[0].align == "left"


def test_a_name_at_the_right_edge_stands_to_the_left_of_its_point() -> None:
    assert place_names([mark(395, 100, "1x L4")], width=400, height=200)[0].align == "right"


def test_a_name_makes_way_for_a_point() -> None:
    places = place_names([mark(50, 100, "1x RTX 4090"), mark(80, 100)], width=400, height=200)

    assert set(places) == {0}
    assert (places[0].align, places[0].dy) != ("left", 0)


def test_two_names_beside_each_other_do_not_overlap() -> None:
    first, second = place_names([mark(200, 100, "1x A100"), mark(206, 100, "2x A100")], width=400, height=200).values()

    assert (first.align, first.dy) != (second.align, second.dy)


def test_a_name_that_would_hide_another_or_a_point_is_left_out_but_never_the_first() -> None:
    crowd = [mark(200 + 9 * step, 100 + 9 * rise) for step in range(-24, 24) for rise in range(-10, 10)]
    named = [mark(200, 100, "1x RTX 4060 Ti 16GB, iq4_xs"), mark(203, 101, "1x A100"), *crowd]

    assert set(place_names(named, width=400, height=200)) == {0}


@given(st.lists(st.tuples(st.floats(0, 455), st.floats(0, 223), st.integers(1, 30)), min_size=1, max_size=6))
def test_no_name_leaves_the_frame_or_touches_another(points: list[tuple[float, float, int]]) -> None:
    marks = [mark(x, y, "x" * length) for x, y, length in points]
    boxes = [name_box(marks[index], place) for index, place in place_names(marks, width=455, height=223).items()]

    assert boxes
    for left, top, right, bottom in boxes:
        assert 0 < left < right < 455
        assert 0 < top < bottom < 223
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
