"""`/v1/inventory/imports`: files handed in, imported beside the answers."""

import asyncio
import io
import zipfile
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from service.api.imports import MAX_UPLOAD_BYTES
from service.inventory.api_keys import create_key
from service.inventory.import_jobs import begin_job
from service.inventory.import_turn import take_import_turn
from service.inventory.importers.formats import OWN_CSV, SKYPILOT
from service.inventory.importers.importing import ImportRequest
from tests.service.api.conftest import Change
from tests.service.inventory.conftest import open_database
from tests.service.inventory.importers.conftest import CATALOGUES

PATH = "/v1/inventory/imports"
AWS = (CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv").read_bytes()
OWN = b"provider,instance_type,gpu_id,gpu_count,pricing,usd_per_hour,provider_kind\n"
L4 = b"acme,g1,l4,1,on_demand,%s,cloud\n"
SKYPILOT_AWS = {"format": "skypilot", "provider": "aws"}
CONTRACTS = {"format": "csv", "name": "contracts", "as_of": "2026-05-01"}


@pytest.fixture
async def key(change: Change) -> dict[str, str]:
    """Return the header of a key that may write."""
    tokens: list[str] = []

    async def create(session: AsyncSession) -> None:
        tokens.append((await create_key(session, "ops", scope="write")).reveal())

    await change(create)
    return {"Authorization": f"Bearer {tokens[0]}"}


async def _import(api: httpx.AsyncClient, key: dict[str, str], body: bytes, **query: str) -> dict[str, Any]:
    accepted = await api.post(PATH, params=query, content=body, headers=key)
    assert accepted.status_code == 202, accepted.text
    async with asyncio.timeout(120):
        while (job := (await api.get(accepted.headers["location"])).json())["state"] == "running":  # noqa: ASYNC110 - so do clients
            await asyncio.sleep(0.05)
    return job


async def test_a_file_handed_in_is_imported_and_its_report_told(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    job = await _import(api, key, OWN + L4 % b"0.11", **CONTRACTS)

    assert (job["state"], job["result"]) == ("done", "1 rows, 1 added")
    assert job["progress"] == {"step": "finished", "done": 1, "total": 1}
    (catalogue,) = job["report"]["catalogues"]
    assert catalogue["catalogue"] == "csv:contracts"
    assert catalogue["added"]["first"][0]["new_usd_per_hour"] == 0.11
    plan = (await api.get("/v1/plan", params={"gpu": "l4", "provider": "acme"})).json()
    assert plan["options"][0]["usd_per_hour"] == 0.11

    later = {**CONTRACTS, "as_of": "2026-06-01"}
    changed = await _import(api, key, OWN + L4 % b"0.12" + b"acme,g2,l4,none,on_demand,1,cloud\n", **later)
    (catalogue,) = changed["report"]["catalogues"]
    (price,) = catalogue["changed"]["first"]
    assert (price["old_usd_per_hour"], price["new_usd_per_hour"]) == (0.11, 0.12)
    assert [row["line"] for row in catalogue["refused"]["first"]] == [3]

    listed = (await api.get(PATH, params={"limit": 1})).json()
    assert [each["import_id"] for each in listed["items"]] == [changed["import_id"]]
    rest = (await api.get(PATH, params={"cursor": listed["next_cursor"]})).json()
    assert [each["import_id"] for each in rest["items"]] == [job["import_id"]]


async def test_a_dry_run_reports_and_changes_nothing(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    before = (await api.get("/health/ready")).json()["inventory_revision"]
    job = await _import(api, key, AWS, dry_run="true", **SKYPILOT_AWS)
    assert (job["state"], job["is_dry_run"]) == ("done", True)
    assert job["report"]["catalogues"][0]["rows_read"] == 7
    assert (await api.get("/health/ready")).json()["inventory_revision"] == before


async def test_a_file_that_cannot_be_imported_says_why(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    job = await _import(api, key, AWS, **CONTRACTS)
    assert (job["state"], job["report"]) == ("refused", None)
    assert "lacks" in job["error"]
    assert "/tmp" not in job["error"]  # noqa: S108 - where it was kept is nobody's business


async def test_handing_in_needs_a_key_that_may_write(api: httpx.AsyncClient) -> None:
    assert (await api.post(PATH, params=CONTRACTS, content=OWN)).status_code == 401


async def test_one_import_at_a_time(api: httpx.AsyncClient, key: dict[str, str], seeded_url: str) -> None:
    database = open_database(seeded_url)
    async with take_import_turn(database):
        refused = await api.post(PATH, params=CONTRACTS, content=OWN + L4 % b"0.1", headers=key)
    await database.close()
    assert (refused.status_code, refused.json()["code"]) == (409, "import_under_way")
    assert (await _import(api, key, OWN + L4 % b"0.1", **CONTRACTS))["state"] == "done"


async def test_an_import_whose_process_died_is_told_to_be_interrupted(api: httpx.AsyncClient, change: Change) -> None:
    numbers: list[int] = []

    async def begin(session: AsyncSession) -> None:
        numbers.append(await begin_job(session, ImportRequest(format=SKYPILOT, source="gone"), size_bytes=1))

    await change(begin)
    job = (await api.get(f"{PATH}/{numbers[0]}")).json()
    assert job["state"] == "interrupted"
    assert "Send the file again" in job["error"]


async def test_a_list_of_imports_tells_none_as_running_whose_process_died(
    api: httpx.AsyncClient, change: Change
) -> None:
    async def begin(session: AsyncSession) -> None:
        await begin_job(session, ImportRequest(format=SKYPILOT, source="gone"), size_bytes=1)

    await change(begin)
    assert [each["state"] for each in (await api.get(PATH)).json()["items"]] == ["interrupted"]


@pytest.mark.parametrize(
    ("query", "body", "headers", "status", "code"),
    [
        ({}, OWN, {}, 400, "invalid_format"),
        ({"format": "xml"}, OWN, {}, 400, "invalid_format"),
        ({"format": "csv"}, OWN, {}, 400, "invalid_name"),
        ({"format": "csv", "name": "\0"}, OWN, {}, 400, "invalid_name"),
        ({**CONTRACTS, "as_of": "2999-01-01"}, OWN, {}, 400, "invalid_as_of"),
        ({**CONTRACTS, "as_of": "0001-01-01"}, OWN, {}, 400, "invalid_as_of"),
        ({"format": "skypilot"}, AWS, {}, 400, "invalid_provider"),
        ({"format": "skypilot"}, b"", {}, 400, "empty_body"),
        ({**CONTRACTS, "max_vanished": "101"}, OWN, {}, 400, "invalid_max_vanished"),
        ({**CONTRACTS, "path": "/etc"}, OWN, {}, 400, "unknown_parameter"),
        (CONTRACTS, b"", {}, 400, "empty_body"),
        (CONTRACTS, OWN, {"content-type": "multipart/form-data; boundary=x"}, 415, "unsupported_media_type"),
        (CONTRACTS, OWN, {"content-length": str(MAX_UPLOAD_BYTES + 1)}, 413, "body_too_large"),
    ],
)
async def test_what_cannot_be_handed_in_is_refused(  # noqa: PLR0917 - a row of the table is one case
    api: httpx.AsyncClient,
    key: dict[str, str],
    query: dict[str, str],
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    refused = await api.post(PATH, params=query, content=body, headers={**key, **headers})
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text


async def test_a_refusal_names_every_parameter_that_cannot_be_used(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    faulty = {"format": "xls", "nam": "ok", "as_of": "zz", "name": "n" * 65}
    problem = (await api.post(PATH, params=faulty, content=OWN, headers=key)).json()
    assert (problem["code"], problem["field"]) == ("invalid_fields", "format")
    assert [error["field"] for error in problem["errors"]] == ["format", "nam", "as_of", "name"]
    assert problem["errors"][1]["nearest"] == ["name"]

    without = (await api.post(PATH, params={"as_of": "zz"}, content=OWN, headers=key)).json()
    assert [error["field"] for error in without["errors"]] == ["as_of", "format"]


async def test_the_files_of_a_zip_tell_whose_they_are(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("aws/vms.csv", AWS)
    job = await _import(api, key, packed.getvalue(), format="skypilot", dry_run="true")
    assert job["report"]["catalogues"][0]["catalogue"] == "skypilot:aws"


async def test_a_number_that_no_import_has_is_not_found(api: httpx.AsyncClient) -> None:
    for number in (0, -1, 7, 2**31, 10**30, -(10**30)):
        missing = await api.get(f"{PATH}/{number}")
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_import")


async def test_a_file_larger_than_other_bodies_may_be_is_taken(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    rows = b"".join(b"acme,g%d,l4,1,on_demand,1.5,cloud\n" % number for number in range(3000))
    assert len(rows) > 64 * 1024
    job = await _import(api, key, OWN + rows, **CONTRACTS)
    assert (job["format"], job["result"]) == (OWN_CSV.name, "3,000 rows, 3,000 added")
    assert len(job["report"]["catalogues"][0]["added"]["first"]) == 200
