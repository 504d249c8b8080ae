"""Tables on a telephone: narrow, and no name cut so that it could be another."""

from __future__ import annotations

import pytest

from bots.figures import width
from bots.tables import PHONE_COLUMNS, table, titled_table
from bots.words import LANGUAGES, Language
from tests.bots.answering import show
from tests.bots.planner_api import OPTION, PLAN

LONGEST = "RTX PRO 6000 Blackwell Workstation"


def lines_of(block: str) -> list[str]:
    fence, *lines, end = block.splitlines()
    assert fence == end == "```"
    assert max(map(width, lines)) <= PHONE_COLUMNS
    return lines


def test_a_name_too_long_for_its_column_has_a_line_of_its_own() -> None:
    rows = [("GPU", "GiB"), ("L4", "22.0"), (f"1x {LONGEST}", "95.0")]

    assert lines_of(table(rows, right=(1,), elastic=0)) == ["GPU   GiB", "L4   22.0", f"1x {LONGEST}", "     95.0"]
    assert lines_of(table([row[::-1] for row in rows], elastic=1)) == [
        "GiB   GPU",
        "22.0  L4",
        "95.0",
        f" 1x {LONGEST}",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_of_a_plan_shows_its_gpu_whole_and_its_provider(language: Language) -> None:
    names = ["RTX 3060 12GB", "RTX 3060 Ti", "RTX 6000 Ada", "RTX PRO 6000 Blackwell Server", LONGEST]
    options = [
        {**OPTION, "rank": rank, "gpu": {"name": name}, "offer": {**OPTION["offer"], "provider": f"provider-{rank}"}}
        for rank, name in enumerate(names, start=1)
    ]
    block = show({**PLAN, "options": options}, language=language).description
    shown = " ".join(line.strip() for line in lines_of(block))

    for rank, name in enumerate(names, start=1):
        assert f"{rank}  1x {name}" in shown
        assert f"provider-{rank}" in shown


def test_a_word_that_no_line_holds_is_cut() -> None:
    (_, title, cells) = lines_of(titled_table(("a",), [("1", "x" * 99, ("b",))]))

    assert title == f"1  {'x' * 34}…"
    assert cells == "   b"
