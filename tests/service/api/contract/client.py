"""schemathesis against the service as its own process, over a seeded inventory of its own and with a key for all."""

import asyncio
import datetime as dt
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from planner import Node
from service.inventory.api_keys import create_key
from service.inventory.database import Database
from service.inventory.fleet.nodes import add_node
from service.inventory.fleet.reservations import ReservationOrder, reserve
from service.inventory.utc import now, today
from service.seed import prepare
from service.settings import read_settings
from tests.service_process import ServiceProcess

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_ROOT = Path(__file__).parents[4]
_SEED = 1


def run_client(
    *, examples: int, seconds: int | None = None, words: Sequence[str] = (), seed: int = _SEED, is_shown: bool = False
) -> tuple[int, str]:
    """Return schemathesis' exit status (0: nothing found) and what it wrote, unless `is_shown` as it comes.

    It tries `examples` requests of each operation, or goes on for `seconds`; `words` are more options of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = {"R1PLAN_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/inventory.sqlite3"}
        key = asyncio.run(_prepare(database))
        with ServiceProcess(port=_free_port(), environment=database, start_seconds=120) as service:
            bounds = ["--max-examples", str(examples), "--seed", str(seed)]
            if seconds is not None:
                bounds += ["--max-time", str(seconds)]
            done = subprocess.run(
                [
                    str(Path(sys.executable).with_name("schemathesis")),
                    "--config-file",
                    str(_CONFIG),
                    "run",
                    f"{service.url}/schema/openapi.json",
                    "--no-color",
                    *bounds,
                    *words,
                ],
                # It keeps what it found in a folder where it runs.
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(_ROOT), "R1PLAN_API_KEY": key},
                stdout=None if is_shown else subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            return done.returncode, done.stdout or ""


async def _prepare(database_setting: dict[str, str]) -> str:
    database = Database(read_settings(database_setting))
    try:
        await prepare(database)
        async with database.change() as session:
            # What the document's examples name: an inventory begins without machines of one's own.
            await add_node(
                session,
                Node(node="gpu-01", site="cellar", gpu_id="l4", gpu_count=64, usd_per_hour=None, as_of=today()),
            )
            order = ReservationOrder(owner="anna", end=now() + dt.timedelta(days=30), allocations={"gpu-01": 1})
            await reserve(session, order)
            return (await create_key(session, "contract", scope="admin")).reveal()
    finally:
        await database.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
