"""What tests of several rooms share: databases, Redis, ports, and the material folder beside the checkout."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from tests import secret_watch
from tests.require_all import (
    SHARED_FOLDER,
    SHARED_FOLDER_IS_MISSING,
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)

# pytest finds the hooks here by their names.
__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport", "pytest_terminal_summary"]


def pytest_configure(config: pytest.Config) -> None:
    """Watch over what the processes of the run write."""
    config.pluginmanager.register(secret_watch)


# A busy machine is no reason to call an example slow; a failing example prints how to run it again.
hypothesis.settings.register_profile("r1plan", deadline=None, print_blob=True)
hypothesis.settings.load_profile("r1plan")

_POSTGRESQL_URL = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
_REDIS_URL = "redis://127.0.0.1:6379/0"
_REDIS_DATABASES = range(1, 16)
_REDIS_LEASE_SECONDS = 3600
_PROBE_SECONDS = 3


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Return the material folder beside the checkout; tests hold the project's own data against it."""
    if not SHARED_FOLDER.is_dir():
        pytest.skip(SHARED_FOLDER_IS_MISSING)
    return SHARED_FOLDER


@pytest.fixture
def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def _execute(server: URL, statement: str) -> None:
    engine = create_async_engine(
        server, isolation_level="AUTOCOMMIT", connect_args={"timeout": _PROBE_SECONDS, "command_timeout": 30}
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(scope="session")
def postgresql_server() -> URL:
    """Return the URL of a PostgreSQL server on which databases may be made: R1PLAN_TEST_DATABASE_URL, or 127.0.0.1."""
    server = make_url(os.environ.get("R1PLAN_TEST_DATABASE_URL") or _POSTGRESQL_URL)
    try:
        asyncio.run(_execute(server, "SELECT 1"))
    except (OSError, SQLAlchemyError) as error:
        pytest.skip(f"no PostgreSQL at {server} (name one in R1PLAN_TEST_DATABASE_URL): {error!r}")
    return server


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> Iterator[str]:
    """Return the URL of an empty PostgreSQL database that lives as long as the test."""
    name = f"r1plan_test_{uuid.uuid4().hex}"
    asyncio.run(_execute(postgresql_server, f'CREATE DATABASE "{name}"'))
    yield postgresql_server.set(database=name).render_as_string(hide_password=False)
    asyncio.run(_execute(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of an SQLite file that is not there yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'inventory.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database; the test runs once for each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def redis_database() -> Iterator[URL]:
    """Lease one numbered Redis database for this run: of R1PLAN_TEST_REDIS_URL, or of 127.0.0.1."""
    server = make_url(os.environ.get("R1PLAN_TEST_REDIS_URL") or _REDIS_URL)
    home = server.set(database="0").render_as_string(hide_password=False)
    with redis.Redis.from_url(home, socket_connect_timeout=_PROBE_SECONDS, socket_timeout=_PROBE_SECONDS) as client:
        try:
            client.ping()
        except RedisError as error:
            pytest.skip(f"no Redis at {server} (name one in R1PLAN_TEST_REDIS_URL): {error!r}")
        # Runs side by side on one server must not flush each other's keys; a lease that was left behind runs out.
        leases = ((number, f"r1plan-tests:database:{number}") for number in _REDIS_DATABASES)
        leased = next(
            ((number, key) for number, key in leases if client.set(key, "leased", nx=True, ex=_REDIS_LEASE_SECONDS)),
            None,
        )
        if leased is None:
            pytest.fail(f"all {len(_REDIS_DATABASES)} databases of the Redis at {server} are leased to other test runs")
        number, key = leased
        yield server.set(database=str(number))
        client.delete(key)


@pytest.fixture
def redis_url(redis_database: URL) -> Iterator[str]:
    """Return the URL of an empty Redis database."""
    url = redis_database.render_as_string(hide_password=False)
    with redis.Redis.from_url(url, socket_timeout=_PROBE_SECONDS) as client:
        client.flushdb()
        yield url
        client.flushdb()
