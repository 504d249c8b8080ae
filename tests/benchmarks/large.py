"""What a large inventory and a large import cost: seconds, memory, and how long answers take meanwhile."""

from __future__ import annotations

import asyncio
import http.client
import json
import resource
import statistics
import time
from pathlib import Path

from service.inventory.api_keys import create_key
from service.inventory.database import Database
from service.inventory.snapshot import load_snapshot
from service.settings import read_settings
from tests.benchmarks.inventories import MANY_OFFERS
from tests.benchmarks.load import fetch, time_call
from tests.benchmarks.servers import Server, running
from tests.service.inventory.importers.import_process import run_import_process
from tests.service.inventory.importers.large_catalogue import write_large_catalogue

IMPORT_ROWS = 100_000
_PAUSE_SECONDS = 0.2
_PLAN = "/v1/plan?context=32k&batch=4"
_UPLOAD = "/v1/inventory/imports?format=skypilot&provider=aws&as_of=2026-06-01&max_vanished=100"


def print_large(database_url: str, *, folder: Path, rounds: int) -> None:
    """Fill the prepared inventory at `database_url` with many offers and print what it costs."""
    catalogue = folder / "aws" / "vms.csv"
    # Two of three rows' offers are on demand, one is spot.
    write_large_catalogue(catalogue, rows=MANY_OFFERS * 2 // 3)
    words = ["skypilot", str(catalogue), "--as-of", "2026-05-01", "--show", "1"]
    run_import_process(words, database_url=database_url)
    seconds: list[float] = []
    busy: list[float] = []
    for _ in range(max(3, rounds // 3)):
        before = time.process_time()
        seconds.append(time_call(lambda: asyncio.run(_build(database_url))))
        busy.append(time.process_time() - before)
    print(f"snapshot of {MANY_OFFERS:,} offers    {statistics.median(seconds):.2f} s (aim: under 1),", end=" ")
    print(f"{statistics.median(busy):.2f} s of them the processor's")
    with running("service", R1PLAN_DATABASE_URL=database_url) as service:
        for number in range(rounds):
            fetch(service, f"/v1/plan?context={9_000 + number}&batch=4")
        peak = service.peak_mib()
        print(f"    a process that answers  {'not told here' if peak is None else f'{peak:.0f} MiB'} (aim: under 300)")
        _print_upload(service, database_url, path=write_large_catalogue(catalogue, rows=IMPORT_ROWS))


def print_import(database: str, database_url: str, *, folder: Path) -> None:
    """Import a large catalogue into the prepared inventory at `database_url` and print what that costs.

    To be called before other processes are measured: the peak is that of the largest one so far.
    """
    catalogue = write_large_catalogue(folder / "import" / "aws" / "vms.csv", rows=IMPORT_ROWS)
    words = ["skypilot", str(catalogue), "--as-of", "2026-05-01", "--show", "1"]
    before = _children_seconds()
    ended = run_import_process(words, database_url=database_url)
    busy = _children_seconds() - before
    if ended.status:
        raise RuntimeError(ended.output)
    print(f"import of {IMPORT_ROWS:,} rows      {ended.seconds:.1f} s on {database} (aim: under 60),", end=" ")
    print(f"{busy:.1f} s of them the processor's, {ended.peak_mib:.0f} MiB (aim: under 500)")


def _print_upload(service: Server, database_url: str, *, path: Path) -> None:
    key = asyncio.run(_make_key(database_url))
    began = time.perf_counter()
    location = _hand_in(service, path, key=key)
    known: list[float] = []
    cold: list[float] = []
    contexts = iter(range(40_000, 130_000))
    while json.loads(fetch(service, location))["state"] == "running":
        known.append(time_call(lambda: fetch(service, _PLAN)))
        cold.append(time_call(lambda: fetch(service, f"/v1/plan?context={next(contexts)}&batch=4")))
        # Asked now and then, as people do: who asks without pause takes the processor from the import.
        time.sleep(_PAUSE_SECONDS)
    took = time.perf_counter() - began
    job = json.loads(fetch(service, location))
    print(f"upload of {IMPORT_ROWS:,} rows      {job['state']} after {took:.1f} s: {job['result']}; meanwhile")
    for what, each in (("a known plan", known), ("a cold plan", cold)):
        middle, last = statistics.median(each), max(each)
        print(f"    {what:<22}  {1000 * middle:.1f} ms, at most {1000 * last:.0f} ms of {len(each):,}")


def _hand_in(service: Server, path: Path, *, key: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    with path.open("rb") as body:
        headers = {"Authorization": f"Bearer {key}", "Content-Length": str(path.stat().st_size)}
        connection.request("POST", _UPLOAD, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    connection.close()
    location = answer.headers["location"]
    if location is None:
        raise RuntimeError(text.decode())
    return str(location)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _build(database_url: str) -> None:
    database = Database(read_settings({"R1PLAN_DATABASE_URL": database_url}))
    try:
        await load_snapshot(database)
    finally:
        await database.close()


async def _make_key(database_url: str) -> str:
    database = Database(read_settings({"R1PLAN_DATABASE_URL": database_url}))
    try:
        async with database.change() as session:
            return (await create_key(session, "benchmark", scope="write", requests_per_minute=1_000_000)).reveal()
    finally:
        await database.close()
