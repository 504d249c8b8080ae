"""The words of nodes and reservations on the command line: the same that the API takes."""

import json

import pytest

from tests.service.cli.conftest import Run
from tests.service.inventory.fleet.conftest import OWNERS

END = "2999-01-01"


@pytest.mark.parametrize(("owner", "is_taken"), OWNERS.items())
def test_an_owner_is_one_line_of_printable_characters(r1plan: Run, owner: str, *, is_taken: bool) -> None:
    r1plan("node", "add", "words-01", "--site", "Åsa/日本", "--gpu", "l4", "--gpu-count", "64")

    done = r1plan("reserve", "words-01", "--end", END, "--owner", owner, "--purpose", "ü" * 2000, "--json")

    if is_taken:
        assert done.exit_code == 0, done.output
        assert json.loads(done.output)["owner"] == owner
    else:
        assert done.exit_code == 2
        assert "text of 1 to 200 characters: one line of printable characters" in done.output
        assert done.output.isprintable() or len(done.output.splitlines()) == 1


@pytest.mark.parametrize("site", ["", "x" * 101, "two\nlines", "\x1b[31mred"])
def test_a_site_is_one_line_of_printable_characters(r1plan: Run, site: str) -> None:
    refused = r1plan("node", "add", "words-02", "--site", site, "--gpu", "l4")

    assert refused.exit_code == 2
    assert "text of 1 to 100 characters: one line of printable characters" in refused.output


def test_what_is_wrong_with_an_order_is_said_at_once(r1plan: Run) -> None:
    refused = r1plan("reserve", "nowhere", "--end", "2020-01-01", "--owner", "a\nb", "--purpose", "x" * 2001)

    assert refused.exit_code == 2
    for words in ("owner cannot be", "purpose cannot be", "must come after", "no node 'nowhere'"):
        assert words in refused.output
