"""Sources read by a schedule, from a server on this machine: changed, identical, failing and slow."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from typing import NamedTuple

import pytest
from aiohttp import web
from sqlalchemy import update

from service.inventory.database import Database
from service.inventory.import_turn import take_import_turn
from service.inventory.importers.download import DownloadRules
from service.inventory.refresh_sources import (
    NewSource,
    RefreshSource,
    add_source,
    enable_source,
    load_sources,
    remove_source,
)
from service.inventory.refresh_tables import RefreshSourceRow
from service.inventory.repository import load_offers, read_revision
from service.inventory.utc import now
from service.refreshing.refreshing import Refreshing
from tests.service.api.conftest import settings_for
from tests.service.inventory.conftest import open_database
from tests.service.inventory.importers.conftest import CATALOGUES

HERE = DownloadRules(schemes=("http",), private_networks=("127.0.0.0/8",), timeout_seconds=2)
AWS = CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv"


class Fault(NamedTuple):
    """What is wrong with an answer."""

    status: int = 200
    body: bytes | None = None
    silence_seconds: float = 0.0


class Site:
    """What the server gives: a catalogue, an error, or nothing for a long time."""

    def __init__(self) -> None:
        self.body = AWS.read_bytes()
        self.day = "Wed, 06 May 2026 10:00:00 GMT"
        self.fault = Fault()
        self.requests = 0
        self.asked = asyncio.Event()
        self.address = ""

    async def answer(self, _: web.Request) -> web.Response:
        self.requests += 1
        self.asked.set()
        await asyncio.sleep(self.fault.silence_seconds)
        body = self.body if self.fault.body is None else self.fault.body
        return web.Response(body=body, status=self.fault.status, headers={"Last-Modified": self.day})


@pytest.fixture
async def site(free_port: int) -> AsyncGenerator[Site]:
    site = Site()
    site.address = f"http://127.0.0.1:{free_port}/aws/vms.csv?key=hidden"
    app = web.Application()
    app.router.add_get("/aws/vms.csv", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", free_port).start()
    yield site
    await runner.cleanup()


@pytest.fixture
async def sourced(gpu_inventory: Database, site: Site) -> Database:
    """Return an inventory with one source: the site."""
    async with gpu_inventory.change() as session:
        source = NewSource(name="aws", format="skypilot", location=str(AWS), schedule="every 6h")
        await add_source(session, source)
        # Only a test may name an address that is not https.
        await session.execute(update(RefreshSourceRow).values(location=site.address))
    return gpu_inventory


async def _source(database: Database) -> RefreshSource:
    async with database.read() as session:
        (source,) = await load_sources(session)
    return source


async def _make_due(database: Database, *, ago: dt.timedelta = dt.timedelta(seconds=1)) -> None:
    async with database.change() as session:
        await session.execute(update(RefreshSourceRow).values(due_at=now() - ago))


async def _prices(database: Database) -> dict[str, tuple[float, dt.date]]:
    async with database.read() as session:
        return {offer.offer_id: (offer.usd_per_hour, offer.as_of) for offer in await load_offers(session)}


def _refreshing(database: Database, database_url: str) -> Refreshing:
    return Refreshing(database, settings=settings_for(database_url), rules=HERE)


async def test_a_source_that_is_due_is_read_and_then_waits_for_its_next_turn(
    sourced: Database, database_url: str
) -> None:
    refreshing = _refreshing(sourced, database_url)

    assert await refreshing.refresh_due() == 1
    assert await refreshing.refresh_due() == 0

    source = await _source(sourced)
    assert source.last_result == "7 rows, 4 added, 1 in doubt"
    assert source.last_success_at is not None
    assert source.due_at == source.last_success_at + dt.timedelta(hours=6)
    assert (source.last_error, source.is_stale) == (None, False)
    assert "hidden" not in source.location
    assert {as_of for _, as_of in (await _prices(sourced)).values()} == {dt.date(2026, 5, 6)}


async def test_identical_content_changes_nothing_and_new_prices_change_the_inventory(
    sourced: Database, database_url: str, site: Site
) -> None:
    refreshing = _refreshing(sourced, database_url)
    await refreshing.refresh_due()
    async with sourced.read() as session:
        before = await read_revision(session)

    await _make_due(sourced)
    await refreshing.refresh_due()
    async with sourced.read() as session:
        assert await read_revision(session) == before
    assert (await _source(sourced)).last_result == "7 rows, 4 unchanged, 1 in doubt"

    site.body, site.day = site.body.replace(b"0.", b"1."), "Thu, 07 May 2026 10:00:00 GMT"
    await _make_due(sourced)
    await refreshing.refresh_due()
    assert "changed" in str((await _source(sourced)).last_result)
    assert {as_of for _, as_of in (await _prices(sourced)).values()} == {dt.date(2026, 5, 7)}


async def test_a_source_whose_date_steps_back_lets_nothing_vanish(
    sourced: Database, database_url: str, site: Site
) -> None:
    refreshing = _refreshing(sourced, database_url)
    await refreshing.refresh_due()
    before = await _prices(sourced)

    header, first, *_ = site.body.splitlines(keepends=True)
    site.body, site.day = header + first.replace(b"0.", b"1."), "Wed, 04 Mar 2026 10:00:00 GMT"
    await _make_due(sourced)
    await refreshing.refresh_due()

    source = await _source(sourced)
    assert (source.last_result, source.last_error) == ("1 rows, 2 added to the history", None)
    assert await _prices(sourced) == before


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(status=500), "answers with status 500"),
        (Fault(status=404), "answers with status 404"),
        (Fault(body=b"<html>sorry</html>"), "its header lacks"),
        (Fault(silence_seconds=30.0), "took longer than 2 seconds"),
    ],
)
async def test_a_source_that_fails_leaves_the_facts_of_before_with_their_dates(
    sourced: Database,
    database_url: str,
    site: Site,
    fault: Fault,
    reason: str,
) -> None:
    refreshing = _refreshing(sourced, database_url)
    await refreshing.refresh_due()
    before = await _prices(sourced)
    success = (await _source(sourced)).last_success_at

    site.fault = fault
    await _make_due(sourced)
    assert await refreshing.refresh_due() == 1

    source = await _source(sourced)
    assert await _prices(sourced) == before
    assert reason in str(source.last_error)
    assert "hidden" not in str(source.last_error)
    assert (source.last_success_at, source.is_stale) == (success, False)
    assert source.last_tried_at is not None
    assert source.due_at == source.last_tried_at + dt.timedelta(minutes=15)


async def test_a_source_is_stale_after_a_whole_turn_without_success(sourced: Database) -> None:
    for hours, is_stale in ((11, False), (13, True)):
        async with sourced.change() as session:
            await session.execute(update(RefreshSourceRow).values(last_success_at=now() - dt.timedelta(hours=hours)))
        assert (await _source(sourced)).is_stale is is_stale
    async with sourced.change() as session:
        await enable_source(session, "aws", is_enabled=False)
    assert not (await _source(sourced)).is_stale


@pytest.mark.usefixtures("sourced")
async def test_of_several_processes_one_reads_a_source(database_url: str, site: Site) -> None:
    site.fault = Fault(silence_seconds=0.3)
    databases = [open_database(database_url) for _ in range(4)]
    read = await asyncio.gather(*(_refreshing(each, database_url).refresh_due() for each in databases))
    assert sorted(read) == [0, 0, 0, 1]
    assert site.requests == 1
    for each in databases:
        await each.close()


async def test_a_source_waits_while_another_import_is_under_way(sourced: Database, database_url: str) -> None:
    refreshing = _refreshing(sourced, database_url)
    async with take_import_turn(sourced):
        assert await refreshing.refresh_due() == 0
        assert not await refreshing.refresh("aws")
    assert await refreshing.refresh_due() == 1


async def test_what_is_left_to_a_queue_is_read_here_only_when_it_lies_too_long(
    sourced: Database, database_url: str
) -> None:
    refreshing = _refreshing(sourced, database_url)
    await _make_due(sourced, ago=dt.timedelta(minutes=2))
    assert await refreshing.refresh_due(overdue=dt.timedelta(minutes=3)) == 0
    await _make_due(sourced, ago=dt.timedelta(minutes=4))
    assert await refreshing.refresh_due(overdue=dt.timedelta(minutes=3)) == 1


async def test_a_source_removed_while_it_is_read_is_no_fault(sourced: Database, database_url: str, site: Site) -> None:
    site.fault = Fault(silence_seconds=1.0)
    reading = asyncio.create_task(_refreshing(sourced, database_url).refresh_due())
    async with asyncio.timeout(60):
        await site.asked.wait()
    async with sourced.change() as session:
        await remove_source(session, "aws")
    assert await reading == 1
    async with sourced.read() as session:
        assert await load_sources(session) == []
