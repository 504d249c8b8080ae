"""No key, hash, token or password is in what the service logs, answers or writes into its database."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.engine import make_url

from service.cli import main
from service.inventory.database import Database
from service.inventory.schema import METADATA
from service.key_format import make_key, read_key
from service.settings import read_settings
from tests.redis_process import RedisProcess
from tests.secret_watch import note_secret
from tests.service_process import ServiceProcess

_TOKEN = "MTIz.hidden-discord.token-of-nobody"  # noqa: S105 - made up
_DATABASE_PASSWORD = "hidden database:word"  # noqa: S105 - made up
_REDIS_PASSWORD = "hidden-redis-word"  # noqa: S105 - made up
_METHODS = ("get", "post", "put", "patch", "delete")


class Secrets:
    """All that nobody may see, and where it was seen all the same."""

    def __init__(self) -> None:
        self._texts: set[str] = {_TOKEN, _DATABASE_PASSWORD, _REDIS_PASSWORD}

    def add_key(self, key: str) -> str:
        """Keep `key` secret: its secret, the beginning of that, and its hash."""
        presented = read_key(key)
        assert presented is not None
        self._texts |= {key.rpartition("_")[2], key[:32], presented.secret_hash}
        note_secret(presented.secret_hash)
        return key

    def new_key(self) -> str:
        """Return a key that looks right and is none."""
        return self.add_key(make_key())

    def seen_in(self, text: str) -> list[str]:
        """Return the lines of `text` that hold one."""
        return [line[:300] for line in text.splitlines() if any(secret in line for secret in self._texts)]


@pytest.fixture
def secrets() -> Secrets:
    """Return what nobody may see."""
    return Secrets()


@pytest.fixture
def redis_server(unused_tcp_port: int, tmp_path: Path) -> Iterator[RedisProcess]:
    """Run a Redis that wants a password."""
    with RedisProcess(port=unused_tcp_port, folder=tmp_path) as server:
        with redis.Redis.from_url(server.url) as client:
            client.config_set("requirepass", _REDIS_PASSWORD)
        yield server


@pytest.fixture
def environment(postgresql_url: str, redis_server: RedisProcess) -> dict[str, str]:
    """Return settings that hold every kind of secret."""
    url = make_url(postgresql_url).set(password=_DATABASE_PASSWORD)
    return {
        "R1PLAN_DATABASE_URL": url.render_as_string(hide_password=False),
        "R1PLAN_REDIS_URL": redis_server.url.replace("redis://", f"redis://:{_REDIS_PASSWORD}@"),
        "R1PLAN_DISCORD_TOKEN": _TOKEN,
        "R1PLAN_LOG_LEVEL": "debug",
    }


def r1plan(environment: Mapping[str, str], *words: str) -> str:
    result = CliRunner().invoke(main, words, env=environment)
    assert result.exit_code == 0, result.output
    return result.stdout


class Answers:
    """Requests to a service, and the text of all that it answered."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.texts: list[str] = []
        self.statuses: set[int] = set()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
        answer = self._client.request(method, path, **more)
        self.statuses.add(answer.status_code)
        self.texts += [f"{answer.status_code} {answer.headers}", answer.text]
        return answer


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def try_everywhere(answers: Answers, secrets: Secrets, *, method: str, path: str, admin: str) -> None:
    """Send one route keys, right and wrong, in every place where a key could be put."""
    plain = re.sub(r"\{[^}]*\}", "l4", path)
    for headers in (
        bearer(admin),
        bearer(secrets.new_key()),
        {"Authorization": secrets.new_key()},
        {"Authorization": "Basic " + base64.b64encode(f"ops:{admin}".encode()).decode()},
        {"User-Agent": admin, "Referer": f"http://here/{admin}", "Cookie": f"key={admin}", "X-Api-Key": admin},
        {**bearer(admin), "If-Match": f'"{admin}"', "If-None-Match": f'"{admin}"', "Idempotency-Key": admin},
        {**bearer(admin), "Content-Type": f"text/{admin}"},
    ):
        answers.ask(method, plain, headers=headers)
    for query in ({"key": admin}, {admin: "1"}, {"context": secrets.new_key()}):
        answers.ask(method, plain, headers=bearer(admin), params=query)
    answers.ask(method, re.sub(r"\{[^}]*\}", secrets.new_key(), path), headers=bearer(admin))
    if method != "get":
        for body in ({"name": admin}, {admin: 1}, [admin], admin):
            answers.ask(method, plain, headers=bearer(admin), json=body)
        answers.ask(method, plain, headers=bearer(admin), content=f'{{"name": "{admin}'.encode())
        answers.ask(method, plain, headers=bearer(admin), files={"file": (admin, admin.encode())})


async def rows_of(environment: Mapping[str, str]) -> str:
    """Return every row of every table as text, the column where hashes belong apart."""
    database = Database(read_settings(environment))
    lines: list[str] = []
    async with database.read() as session:
        for table in METADATA.sorted_tables:
            columns = [column for column in table.columns if column.name != "secret_hash"]
            rows = await session.execute(select(*columns))
            lines += [f"{table.name}: {' '.join(map(str, row))}" for row in rows]
    await database.close()
    return "\n".join(lines)


def test_no_secret_is_logged_answered_or_written_down(
    environment: dict[str, str], redis_server: RedisProcess, secrets: Secrets, free_port: int, tmp_path: Path
) -> None:
    keys = {
        scope: secrets.add_key(r1plan(environment, "key", "create", f"the-{scope}", "--scope", scope).strip())
        for scope in ("read", "write", "admin")
    }
    revoked = secrets.add_key(r1plan(environment, "key", "create", "revoked").strip())
    r1plan(environment, "key", "revoke", "revoked")
    contracts = tmp_path / "contracts.csv"
    contracts.write_text(
        "provider,provider_kind,instance_type,gpu_id,gpu_count,pricing,usd_per_hour,region\n"
        "acme,cloud,g1,l4,1,on_demand,0.61,nowhere-1\n"
    )
    r1plan(environment, "import", "csv", str(contracts))
    with ServiceProcess(port=free_port, environment=environment) as service:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            answers = Answers(client)
            document = answers.ask("get", "/schema/openapi.json").json()
            for path, operations in document["paths"].items():
                for method in operations.keys() & set(_METHODS):
                    try_everywhere(answers, secrets, method=method, path=path, admin=keys["admin"])
            for key in (keys["read"], keys["write"], revoked, keys["read"][:-1], keys["read"].upper()):
                answers.ask("get", "/v1/plan", headers=bearer(key))
            answers.ask("get", f"/nothing/{keys['read']}")
            answers.ask("get", f"/nothing/%72{keys['read'][1:]}?%72{keys['read'][1:]}=%72{keys['read'][1:]}")
            redis_server.stop()
            answers.ask("get", "/v1/plan?context=9k", headers=bearer(keys["read"]))
            redis_server.start()  # without a password now, so the one that it is sent is an error
            answers.ask("get", "/v1/plan?context=10k", headers=bearer(keys["read"]))
            for path in ("/metrics", "/health/ready"):
                answers.ask("get", path)
        logged = service.output

    assert {200, 400, 401, 404} <= answers.statuses
    assert 500 not in answers.statuses
    assert len(answers.texts) > 200
    assert "redis unreachable" in logged
    assert logged.count("level=") > 200
    assert secrets.seen_in(logged) == []
    assert secrets.seen_in("\n".join(answers.texts)) == []
    rows = asyncio.run(rows_of(environment))
    assert "the-admin" in rows
    assert "acme" in rows
    assert secrets.seen_in(rows) == []


def test_a_service_that_cannot_start_says_why_without_its_secrets(
    environment: dict[str, str], secrets: Secrets, unused_tcp_port_factory: Callable[[], int], free_port: int
) -> None:
    url = make_url(environment["R1PLAN_DATABASE_URL"])
    for broken in (
        url.set(port=unused_tcp_port_factory()).render_as_string(hide_password=False),
        url.set(database="not_there").render_as_string(hide_password=False),
        url.set(drivername="postgres").render_as_string(hide_password=False),
    ):
        answer = subprocess.run(
            [sys.executable, "-m", "service", "serve"],
            env={**os.environ, **environment, "R1PLAN_PORT": str(free_port), "R1PLAN_DATABASE_URL": broken},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert answer.returncode in {2, 4}
        assert answer.stderr.count("\n") == 1
        assert secrets.seen_in(answer.stdout + answer.stderr) == []
