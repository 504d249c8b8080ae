"""Print what the service costs, as ratios measured side by side in this run.

Machines are noisy: everything that is compared runs in turns, and the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import os
import statistics
import tempfile
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from planner import Inventory, fit, limits, plan, read_fit_request, read_plan_request
from service.inventory.database import Database
from service.seed import prepare
from service.settings import read_settings
from tests.benchmarks.inventories import MANY_OFFERS, large_inventory, seeded_inventory
from tests.benchmarks.large import print_import, print_large
from tests.benchmarks.load import CONNECTIONS, Target, compare, fetch, load_in_turns, time_call, time_processor
from tests.benchmarks.questions import print_questions
from tests.benchmarks.servers import running

PLAN = "/v1/plan?context=32k&batch=4"
TODAY = dt.date(2026, 11, 21)
_POSTGRESQL_URL = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"


class Options(argparse.Namespace):
    """What to measure, and for how long."""

    rounds: int
    seconds: float
    connections: int
    servers: bool
    large: bool


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each thing is measured (default: 15)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a load lasts (default: 0.5)")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help=f"of a load (default: {CONNECTIONS})")
    parser.add_argument("--servers", action="store_true", help="compare granian with uvicorn, and nothing else")
    parser.add_argument("--large", action="store_true", help="measure a large inventory and imports, nothing else")
    options = parser.parse_args(namespace=Options())
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite+aiosqlite:///{Path(folder) / 'inventory.sqlite3'}"
        asyncio.run(_prepare(database_url))
        if options.servers:
            _print_servers(database_url, options=options)
            return
        _print_large(Path(folder), rounds=options.rounds)
        if options.large:
            return
        _print_planner(rounds=options.rounds)
        _print_fits(rounds=options.rounds)
        print_questions(seeded_inventory())
        _print_http(database_url, rounds=options.rounds)
        _print_cached("SQLite", database_url, folder=Path(folder), options=options)
        with _postgresql() as postgresql_url:
            if postgresql_url is None:
                print("cached plan on PostgreSQL   not measured: no server (R1PLAN_TEST_DATABASE_URL names one)")
            else:
                asyncio.run(_prepare(postgresql_url))
                _print_cached("PostgreSQL", postgresql_url, folder=Path(folder), options=options)


def _print_large(folder: Path, *, rounds: int) -> None:
    imported, large = (f"sqlite+aiosqlite:///{folder / name}.sqlite3" for name in ("imported", "large"))
    for database_url in (imported, large):
        asyncio.run(_prepare(database_url))
    print_import("SQLite", imported, folder=folder)
    with _postgresql() as postgresql_url:
        if postgresql_url is not None:
            asyncio.run(_prepare(postgresql_url))
            print_import("PostgreSQL", postgresql_url, folder=folder)
    print_large(large, folder=folder, rounds=rounds)


def _print_planner(*, rounds: int) -> None:
    seeded, large = seeded_inventory(), large_inventory()
    seconds: tuple[list[float], list[float]] = ([], [])
    contexts = iter(range(8_192, 131_072, 97))
    for inventory in (seeded, large):
        _plan(inventory, 8_000)
    for _ in range(3 * rounds):
        for each, inventory in zip(seconds, (seeded, large), strict=True):
            context = next(contexts)
            each.append(time_call(lambda inventory=inventory, context=context: _plan(inventory, context)))
    busy = [
        time_processor(lambda context=context: _plan(seeded, context))
        for context in itertools.islice(contexts, 3 * rounds)
    ]
    one, many = statistics.median(seconds[0]), statistics.median(seconds[1])
    print(
        f"cold plan, planner alone    {1000 * one:.1f} ms on {len(seeded.offers)} seeded offers, speed and cost "
        "of each included (aim: under 25)"
    )
    print(f"    by processor time       {1000 * statistics.median(busy):.1f} ms, whoever else is busy here")
    print(f"    with {MANY_OFFERS:,} offers      {1000 * many:.1f} ms: {many / one:.2f} times that (aim: at most 2)")


def _print_fits(*, rounds: int) -> None:
    inventory = seeded_inventory()
    seconds: tuple[list[float], list[float], list[float]] = ([], [], [])
    every_limit = read_fit_request({"gpu": "rtx-4090"})
    contexts = iter(range(8_192, 131_072, 97))
    for _ in range(3 * rounds):
        context = next(contexts)
        asked = read_fit_request({"gpu": "rtx-4090", "context": context, "batch": 4})
        seconds[0].append(time_call(lambda context=context: _plan(inventory, context)))
        seconds[1].append(time_call(lambda asked=asked: fit(asked, inventory)))
        seconds[2].append(time_call(lambda: limits(every_limit, inventory)))
    a_plan, a_fit, all_limits = (statistics.median(each) for each in seconds)
    print(f"cold fit, planner alone     {1000 * a_fit:.1f} ms: {a_fit / a_plan:.2f} of a cold plan (aim: at most 1)")
    print(f"limits of all formats       {1000 * all_limits:.1f} ms on one GPU (aim: under 50)")


def _plan(inventory: Inventory, context: int) -> None:
    plan(read_plan_request({"context": context, "batch": 4}), inventory, today=TODAY)


def _print_http(database_url: str, *, rounds: int) -> None:
    with running("service", R1PLAN_DATABASE_URL=database_url) as service:
        fetch(service, PLAN)
        cold: list[float] = []
        warm: list[float] = []
        for number in range(3 * rounds):
            path = f"/v1/plan?context={9_000 + number}&batch=4"
            cold.append(time_call(lambda path=path: fetch(service, path)))
            warm.append(time_call(lambda path=path: fetch(service, path)))
    print(
        f"cold plan over HTTP         {1000 * statistics.median(cold):.1f} ms;"
        f" the same from the cache {1000 * statistics.median(warm):.1f} ms"
    )


def _print_cached(database: str, database_url: str, *, folder: Path, options: Options) -> None:
    with running("service", R1PLAN_DATABASE_URL=database_url) as service:
        body_file = folder / "body.json"
        body_file.write_bytes(fetch(service, PLAN))
        with running("bare", body_file=body_file) as bare:
            plan_target, bare_target = Target(service, PLAN), Target(bare, "/bare")
            load_in_turns(
                [bare_target, plan_target],
                rounds=options.rounds,
                seconds=options.seconds,
                connections=options.connections,
            )
    median, least, greatest = compare(plan_target.rates, bare_target.rates)
    rates = f"{statistics.median(plan_target.rates):,.0f} and {statistics.median(bare_target.rates):,.0f} a second"
    print(f"cached plan on {database:<12} {median:.2f} of a bare handler's rate (aim: at least 0.8): {rates};")
    print(f"    {len(plan_target.rates)} rounds of both        {least:.2f} to {greatest:.2f}")
    if plan_target.cpu_seconds and bare_target.cpu_seconds:
        median, least, greatest = compare(bare_target.cpu_seconds, plan_target.cpu_seconds)
        print(f"    by processor time       {median:.2f} ({least:.2f} to {greatest:.2f}), whoever else is busy here")


def _print_servers(database_url: str, *, options: Options) -> None:
    with (
        running("service", R1PLAN_DATABASE_URL=database_url) as granian,
        running("service", server="uvicorn", R1PLAN_DATABASE_URL=database_url) as uvicorn,
    ):
        targets = [Target(server, PLAN) for server in (granian, uvicorn)]
        for target in targets:
            fetch(target.server, PLAN)
        load_in_turns(targets, rounds=options.rounds, seconds=options.seconds, connections=options.connections)
    one, other = targets
    median, least, greatest = compare(one.rates, other.rates)
    rates = f"{statistics.median(one.rates):,.0f} and {statistics.median(other.rates):,.0f} a second"
    print(
        f"cached plan under granian   {median:.2f} of the rate under uvicorn ({least:.2f} to {greatest:.2f}): {rates}"
    )
    if one.cpu_seconds and other.cpu_seconds:
        median, least, greatest = compare(other.cpu_seconds, one.cpu_seconds)
        print(f"    by processor time       {median:.2f} ({least:.2f} to {greatest:.2f})")


@contextmanager
def _postgresql() -> Generator[str | None]:
    server = make_url(os.environ.get("R1PLAN_TEST_DATABASE_URL") or _POSTGRESQL_URL)
    name = f"r1plan_bench_{uuid.uuid4().hex}"
    try:
        asyncio.run(_execute(server, f'CREATE DATABASE "{name}"'))
    except (OSError, SQLAlchemyError):
        yield None
        return
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _execute(server: URL, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT", connect_args={"timeout": 3})
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


async def _prepare(database_url: str) -> None:
    database = Database(read_settings({"R1PLAN_DATABASE_URL": database_url}))
    try:
        await prepare(database)
    finally:
        await database.close()


if __name__ == "__main__":
    main()
