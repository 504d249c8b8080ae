"""`r1plan refresh`: sources added, listed, read, paused and removed."""

import json

from tests.service.cli.conftest import Run
from tests.service.inventory.importers.conftest import CATALOGUES

AWS = str(CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv")


def test_nothing_is_read_by_a_schedule_until_a_source_is_added(r1plan: Run) -> None:
    assert r1plan("refresh", "list").stdout == "No source was added: nothing is read by a schedule.\n"


def test_a_source_is_added_read_paused_and_removed(r1plan: Run) -> None:
    added = r1plan("refresh", "add", "aws", AWS, "--format", "skypilot", "--schedule", "30 4 * * *")
    assert added.exit_code == 0, added.output
    ran = r1plan("refresh", "run", "aws")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith("aws: 7 rows, 4 changed")
    (source,) = json.loads(r1plan("refresh", "list", "--json").stdout)
    assert (source["schedule"], source["is_enabled"], source["is_stale"]) == ("30 4 * * *", True, False)
    assert source["due_at"].endswith("T04:30:00Z")

    assert r1plan("refresh", "pause", "aws").exit_code == 0
    assert "paused" in r1plan("refresh", "list").stdout
    assert r1plan("refresh", "resume", "aws").exit_code == 0
    assert r1plan("refresh", "remove", "aws").exit_code == 0
    gone = r1plan("refresh", "run", "aws")
    assert (gone.exit_code, "There is no source 'aws'" in gone.stderr) == (2, True)


def test_where_a_source_is_read_from_is_listed_without_its_secrets(r1plan: Run) -> None:
    address = "https://me:hidden@example.com/v8/aws/vms.csv?key=hidden"
    assert r1plan("refresh", "add", "far", address, "--format", "skypilot", "--paused").exit_code == 0
    assert r1plan("refresh", "add", "near", AWS, "--format", "skypilot").exit_code == 0
    listed = r1plan("refresh", "list").stdout
    assert "https://example.com/v8/aws/vms.csv" in listed
    assert AWS in listed
    assert "hidden" not in listed + r1plan("refresh", "list", "--json").stdout
    for name in ("far", "near"):
        assert r1plan("refresh", "remove", name).exit_code == 0


def test_what_can_be_no_source_is_refused_with_what_is_allowed(r1plan: Run) -> None:
    for words, allowed in (
        (("x", "http://example.com/vms.csv"), "allowed are https:// and paths"),
        (("x", "https://[::1/vms.csv"), "allowed is one such as https://"),
        (("x", "http://[::1/vms.csv"), "allowed is one such as https://"),
        (("x", "https://"), "allowed is one such as https://"),
        (("x", "/no/such/file.csv"), "or an https address"),
        (("X Y", AWS), "such as skypilot-aws"),
        (("x", AWS, "--schedule", "now and then"), "five fields of cron"),
    ):
        result = r1plan("refresh", "add", *words, "--format", "skypilot")
        assert result.exit_code == 2
        assert allowed in " ".join(result.stderr.split())


def test_a_source_that_cannot_be_read_says_why(r1plan: Run) -> None:
    assert r1plan("refresh", "add", "wrong", AWS, "--format", "csv").exit_code == 0
    ran = r1plan("refresh", "run", "wrong")
    assert ran.exit_code == 1
    assert "lacks" in ran.stderr
