"""Names of points hide neither each other nor other points."""

from service.charts.labels import Mark, place_names


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
