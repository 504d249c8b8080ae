"""`r1plan key`: keys are made, shown once, replaced and revoked."""

import pytest

from service.key_format import read_key
from tests.service.cli.conftest import Run


def test_a_key_is_shown_once_and_then_only_spoken_of(r1plan: Run) -> None:
    made = r1plan("key", "create", "ops", "--scope", "write", "--expires", "90d", "--rate", "500")
    key = made.stdout.strip()
    presented = read_key(key)

    assert made.exit_code == 0
    assert presented is not None
    assert "not shown again" in made.stderr
    listed = r1plan("key", "list").stdout
    assert f"ops   {presented.key_id}  write  in use  500" in listed
    assert key.rpartition("_")[2] not in listed
    assert presented.secret_hash not in listed

    replaced = r1plan("key", "rotate", "ops").stdout.strip()
    assert read_key(replaced) is not None
    assert replaced != key

    assert r1plan("key", "revoke", "ops").stdout == "Revoked ops.\n"
    assert "revoked" in r1plan("key", "list").stdout
    for again in ("revoke", "rotate", "create"):
        result = r1plan("key", again, "ops")
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), again


@pytest.mark.parametrize("expires", ["2020-01-01", "0d", "soon", "90", "1000000d"])
def test_an_expiry_that_cannot_be_is_refused(r1plan: Run, expires: str) -> None:
    result = r1plan("key", "create", "brief", "--expires", expires)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "brief" not in r1plan("key", "list").stdout
