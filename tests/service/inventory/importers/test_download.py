"""Downloads, from a server on this machine that only these tests are allowed to reach."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator

import pytest
from aiohttp import web

from service.inventory.database import Database
from service.inventory.importers.download import Download, DownloadRules, download
from service.inventory.importers.errors import SourceRefused
from service.inventory.importers.formats import SKYPILOT
from service.inventory.importers.importing import ImportRequest, run_import
from service.inventory.utc import today
from tests.service.inventory.importers.conftest import CATALOGUES

HERE = DownloadRules(schemes=("http",), private_networks=("127.0.0.0/8",), max_bytes=100_000, timeout_seconds=5)
AWS = (CATALOGUES / "skypilot" / "v8" / "aws" / "vms.csv").read_bytes()


async def _catalogue(_: web.Request) -> web.Response:
    return web.Response(body=AWS, headers={"Last-Modified": "Wed, 06 May 2026 10:00:00 GMT"})


async def _undated(_: web.Request) -> web.Response:
    return web.Response(body=AWS)


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1000):
        await response.write(b"x" * 10_000)
    return response


async def _silent(_: web.Request) -> web.Response:
    await asyncio.sleep(30)
    return web.Response()


async def _redirect(request: web.Request) -> web.Response:
    raise web.HTTPFound(request.query["to"])


async def _loop(_: web.Request) -> web.Response:
    raise web.HTTPFound("/loop")


@pytest.fixture
async def server(free_port: int) -> AsyncGenerator[str]:
    app = web.Application()
    app.router.add_get("/v8/aws/vms.csv", _catalogue)
    app.router.add_get("/undated/aws/vms.csv", _undated)
    app.router.add_get("/endless", _endless)
    app.router.add_get("/silent", _silent)
    app.router.add_get("/redirect", _redirect)
    app.router.add_get("/loop", _loop)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", free_port).start()
    yield f"http://127.0.0.1:{free_port}"
    await runner.cleanup()


async def _download(address: str, *, rules: DownloadRules = HERE) -> tuple[Download, bytes]:
    async with download(address, rules=rules) as downloaded:
        return downloaded, downloaded.path.read_bytes()


async def test_a_file_is_downloaded_with_the_day_that_the_server_gives_it(server: str) -> None:
    downloaded, data = await _download(f"{server}/v8/aws/vms.csv?signature=hidden")

    assert (data, downloaded.date) == (AWS, dt.date(2026, 5, 6))
    assert downloaded.location == f"{server}/v8/aws/vms.csv"
    assert downloaded.path.parts[-2:] == ("aws", "vms.csv")
    assert not downloaded.path.exists()


async def test_redirects_are_followed_under_the_same_rules(server: str) -> None:
    _, data = await _download(f"{server}/redirect?to=/v8/aws/vms.csv")
    assert data == AWS
    with pytest.raises(SourceRefused, match="file:///etc/passwd cannot be used; allowed are addresses that begin with"):
        await _download(f"{server}/redirect?to=file:///etc/passwd")
    with pytest.raises(SourceRefused, match="redirects more than 5 times"):
        await _download(f"{server}/loop")


@pytest.mark.parametrize(
    ("path", "rules", "reason"),
    [
        ("/nothing", HERE, "answers with status 404"),
        ("/endless", HERE, "has more than 100,000 bytes"),
        (
            "/v8/aws/vms.csv",
            DownloadRules(schemes=("http",), private_networks=("127.0.0.0/8",), max_bytes=10),
            "allowed are 10",
        ),
        (
            "/silent",
            DownloadRules(schemes=("http",), private_networks=("127.0.0.0/8",), timeout_seconds=0.2),
            "took longer than 0.2 seconds",
        ),
    ],
)
async def test_what_is_missing_too_large_or_too_slow_is_refused(
    server: str, path: str, rules: DownloadRules, reason: str
) -> None:
    with pytest.raises(SourceRefused, match=reason):
        await _download(f"{server}{path}", rules=rules)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/vms.csv",
        "file:///etc/passwd",
        "ftp://example.com/vms.csv",
        "https://",
        "https:///vms.csv",
        "https://[::1/vms.csv",
    ],
)
async def test_only_https_is_downloaded(address: str) -> None:
    with pytest.raises(SourceRefused, match="allowed are addresses that begin with https://"):
        await _download(address, rules=DownloadRules())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "0.0.0.0",  # noqa: S104 - an address to refuse, none to listen on
        "2130706433",
    ],
)
async def test_no_address_of_a_private_network_is_reached(host: str) -> None:
    with pytest.raises(SourceRefused, match=r"is on a private network|is not a canonical IPv4 address"):
        await _download(f"https://{host}/vms.csv", rules=DownloadRules(timeout_seconds=3))


async def test_a_name_that_leads_into_a_private_network_is_refused(server: str) -> None:
    address = server.replace("127.0.0.1", "localhost")
    public_only = DownloadRules(schemes=("http",), timeout_seconds=3)
    with pytest.raises(SourceRefused, match="localhost is on a private network"):
        await _download(f"{address}/v8/aws/vms.csv", rules=public_only)


async def test_only_the_private_networks_that_are_named_are_reached(server: str) -> None:
    def named(*networks: str) -> DownloadRules:
        return DownloadRules(schemes=("http",), private_networks=networks, timeout_seconds=3)

    for host in ("127.0.0.1", "localhost"):
        address = server.replace("127.0.0.1", host) + "/v8/aws/vms.csv"
        assert (await _download(address, rules=named("10.0.0.0/8", "127.0.0.1/32")))[1] == AWS
        with pytest.raises(SourceRefused, match="and the networks that R1PLAN_IMPORT_PRIVATE_NETWORKS names"):
            await _download(address, rules=named("10.0.0.0/8", "::1/128"))
    with pytest.raises(SourceRefused, match=r"10\.0\.0\.1 is on a private network"):
        await _download(f"{server}/redirect?to=http://10.0.0.1/vms.csv", rules=named("127.0.0.0/8"))


async def test_nobody_listening_is_said_in_one_line(free_port: int) -> None:
    with pytest.raises(SourceRefused, match="cannot be downloaded: Cannot connect"):
        await _download(f"http://127.0.0.1:{free_port}/vms.csv")


async def test_a_catalogue_is_imported_from_its_address(server: str, gpu_inventory: Database) -> None:
    dated = ImportRequest(format=SKYPILOT, source=f"{server}/v8/aws/vms.csv")
    (report,) = (await run_import(gpu_inventory, dated, rules=HERE)).catalogues
    assert (report.catalogue, report.as_of, report.as_of_basis) == (
        "skypilot:aws",
        dt.date(2026, 5, 6),
        "stated by the server",
    )
    assert (report.location, len(report.added)) == (f"{server}/v8/aws/vms.csv", 4)

    undated = ImportRequest(format=SKYPILOT, source=f"{server}/undated/aws/vms.csv", as_of=today())
    (again,) = (await run_import(gpu_inventory, undated, rules=HERE)).catalogues
    assert (again.checksum_sha256, again.confirmed) == (report.checksum_sha256, 4)
