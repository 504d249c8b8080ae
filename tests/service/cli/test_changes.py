"""`r1plan changes`: who changed what, as an operator reads it on a terminal."""

import json
import re
from pathlib import Path

import pytest

from service.key_format import read_key
from tests.service.cli.conftest import Run

_LIST = "provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,usd_per_hour,region\n"


@pytest.fixture
def busy_day(r1plan: Run, tmp_path: Path) -> dict[str, str]:
    """Make changes of several kinds by the commands of an operator, and return the keys that were shown."""
    contracts = tmp_path / "contracts.csv"
    contracts.write_text(_LIST + "".join(f"acme,cloud,g{n},l4,1,on_demand,0.6{n},nowhere-1\n" for n in range(9)))
    made = r1plan("key", "create", "ops", "--scope", "write", "--rate", "500").stdout.strip()
    assert r1plan("import", "csv", str(contracts)).exit_code == 0
    assert r1plan("node", "add", "gpu-01", "--site", "cellar", "--gpu", "l4", "--gpu-count", "8").exit_code == 0
    replaced = r1plan("key", "rotate", "ops").stdout.strip()
    assert r1plan("key", "revoke", "ops").exit_code == 0
    return {"made": made, "replaced": replaced}


def test_the_trail_tells_who_when_and_what_and_no_secret(r1plan: Run, busy_day: dict[str, str]) -> None:
    told = r1plan("changes")
    assert (told.exit_code, told.stderr) == (0, "")
    heads = re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  revision (\d+)  (.*)$", told.stdout, re.MULTILINE)
    assert heads == [
        ("3", "command line  delete key ops"),
        ("3", "command line  update key ops"),
        ("3", "command line  create node gpu-01"),
        ("2", "command line  create import csv:contracts"),
        ("1", "command line  create key ops"),
        ("1", "seed  create import seed"),
    ]
    old, new = (read_key(busy_day[name]) for name in ("made", "replaced"))
    assert old is not None
    assert new is not None
    assert f'    was: {{"key_id":"{old.key_id}"}}\n    is: {{"key_id":"{new.key_id}"}}\n' in told.stdout
    assert '"scope":"write","requests_per_minute":500' in told.stdout
    assert "... (--json shows all)\n" in told.stdout
    everything = told.stdout + r1plan("changes", "--json").stdout
    for key, presented in ((busy_day["made"], old), (busy_day["replaced"], new)):
        assert key.rpartition("_")[2] not in everything
        assert presented.secret_hash not in everything

    items = json.loads(r1plan("changes", "--json", "--kind", "node").stdout)
    assert [(item["thing_id"], item["before"], item["after"]["site"]) for item in items] == [("gpu-01", None, "cellar")]
    for words, found in (
        (("--kind", "key", "--id", "ops", "--limit", "2"), ["delete", "update"]),
        (("--actor", "seed"), ["create"]),
        (("--since", "2999-01-01"), []),
        (("--actor", "key:nobody"), []),
    ):
        assert [item["action"] for item in json.loads(r1plan("changes", "--json", *words).stdout)] == found, words


@pytest.mark.parametrize("words", [("--limit", "0"), ("--since", "soon"), ("--nothing",)], ids=repr)
def test_what_cannot_be_asked_is_refused(r1plan: Run, words: tuple[str, ...]) -> None:
    refused = r1plan("changes", *words)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Error: " in refused.stderr
