"""A key that is given as a word to a command is refused, and shown nowhere."""

import pytest

from service.key_format import make_key
from tests.service.cli.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ("node", "add", "key-02", "--gpu", "l4", "--site", "KEY"),
        ("node", "add", "KEY", "--gpu", "l4", "--site", "cellar"),
        ("reserve", "key-01", "--end", "2999-01-01", "--owner", "KEY"),
        ("reserve", "key-01", "--end", "2999-01-01", "--purpose", "for KEY"),
        ("reserve", "key-01", "--end", "2999-01-01", "--owner", "KEY KEY KEY"),
    ],
)
def test_a_key_is_no_word_of_the_inventory(r1plan: Run, arguments: tuple[str, ...]) -> None:
    r1plan("node", "add", "key-01", "--gpu", "l4", "--site", "cellar")
    key = make_key()

    refused = r1plan(*(word.replace("KEY", key) for word in arguments))

    assert refused.exit_code == 2
    secret = key.rpartition("_")[2]
    for output in (refused.output, r1plan("changes", "--json").output, r1plan("node", "list").output):
        assert secret[:12] not in output
