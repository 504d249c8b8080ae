from __future__ import annotations

from pathlib import Path

import pytest

from bots.enquiry import Enquiry, Fields
from bots.server_settings import ServerSettings, UnknownName, find_name, find_names
from bots.servers import Servers, ServersInFile, ServersInRedis, ServersUnavailable
from bots.settings import InvalidSetting, Secret

HERE = ServerSettings(region="EU", providers=("runpod", "lambda"), pricing="spot")
KNOWN = ("EU", "US", "runpod", "lambda", "vultr")
SERVER = 1_234


def filled(settings: ServerSettings, **said: object) -> Fields:
    enquiry = Enquiry(task="plan", fields=said)  # pyright: ignore[reportArgumentType] - fields as a test writes them
    return {name: value for name, value in settings.fill_in(enquiry).fields.items() if name not in said}


def test_a_plan_that_says_nothing_gets_all_that_is_set() -> None:
    assert filled(HERE, context="32k") == {"pricing": "spot", "region": "EU", "provider": ["runpod", "lambda"]}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"region": "US"}, {"pricing": "spot", "provider": ["runpod", "lambda"]}),
        ({"provider": "vultr"}, {"pricing": "spot", "region": "EU"}),
        ({"provider_kind": ["marketplace"]}, {"pricing": "spot", "region": "EU"}),
        ({"pricing": "on_demand"}, {"region": "EU", "provider": ["runpod", "lambda"]}),
        ({"exclude_provider": ["RunPod"]}, {"pricing": "spot", "region": "EU", "provider": ["lambda"]}),
        ({"exclude_provider": ["runpod", "lambda"]}, {"pricing": "spot", "region": "EU"}),
        ({"instance_type": "g6.xlarge"}, {"pricing": "spot"}),
        # what is bought is in no region and rented from nobody
        ({"pricing": "buy"}, {}),
        ({"max_usd": 900}, {}),
        ({"pricing": ["owned"]}, {}),
        ({"pricing": ["owned", "on_demand"]}, {"region": "EU", "provider": ["runpod", "lambda"]}),
    ],
)
def test_what_is_said_and_what_it_implies_is_left_alone(said: dict[str, object], expected: Fields) -> None:
    assert filled(HERE, **said) == expected


def test_who_speaks_of_renting_is_not_sold_anything() -> None:
    buying = ServerSettings(region="EU", pricing="buy")

    assert filled(buying, context="32k") == {"pricing": "buy"}
    assert filled(buying, max_usd_per_hour=1.0) == {"region": "EU"}
    assert filled(buying, region="US") == {}


def test_only_plans_are_filled_in() -> None:
    enquiry = Enquiry(task="fit", fields={"gpu": "l4"})

    assert HERE.fill_in(enquiry) is enquiry


def test_names_are_taken_as_the_api_spells_them_and_others_refused_with_the_nearest() -> None:
    assert find_name("region", " eu ", KNOWN) == "EU"
    assert find_names("providers", "RunPod, lambda，vultr、runpod,", KNOWN) == ("runpod", "lambda", "vultr")  # noqa: RUF001 - as Chinese writes lists
    with pytest.raises(UnknownName) as refusal:
        find_names("providers", "lambda, runpdo", KNOWN)
    assert (refusal.value.value, refusal.value.nearest[0]) == ("runpdo", "runpod")


async def hold_servers_to_their_word(servers: Servers, again: Servers) -> None:
    assert await servers.read(SERVER) == ServerSettings()
    await servers.keep(SERVER, HERE)
    await servers.keep(SERVER + 1, ServerSettings(language="zh-TW"))
    assert await again.read(SERVER) == HERE
    await again.keep(SERVER, ServerSettings())
    assert await again.read(SERVER) == ServerSettings()
    assert await again.read(SERVER + 1) == ServerSettings(language="zh-TW")


async def test_settings_are_kept_in_redis_without_an_expiry(redis_url: str) -> None:
    servers, again = ServersInRedis(Secret(redis_url)), ServersInRedis(Secret(redis_url))
    try:
        await hold_servers_to_their_word(servers, again)
    finally:
        await servers.aclose()
        await again.aclose()


class Reopened:
    """A file that is read anew for everything, as after a restart."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def read(self, server_id: int) -> ServerSettings:
        return await ServersInFile(self._file).read(server_id)

    async def keep(self, server_id: int, settings: ServerSettings) -> None:
        await ServersInFile(self._file).keep(server_id, settings)

    async def aclose(self) -> None:
        pass


async def test_settings_are_kept_in_a_file_where_there_is_no_redis(tmp_path: Path) -> None:
    file = tmp_path / "a" / "folder" / "servers.json"

    await hold_servers_to_their_word(ServersInFile(file), Reopened(file))

    assert [path.name for path in file.parent.iterdir()] == ["servers.json"]


async def test_a_file_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "servers.json"
    servers = ServersInFile(file)
    await servers.keep(SERVER, HERE)
    file.unlink()
    # a folder stands in the way
    file.mkdir()

    with pytest.raises(ServersUnavailable):
        await servers.keep(SERVER, ServerSettings())

    assert await servers.read(SERVER) == HERE
    assert [path.name for path in file.parent.iterdir()] == ["servers.json"]


def test_a_file_of_something_else_is_refused_by_the_name_of_its_variable(tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text('{"1": {"region": 5}}')

    with pytest.raises(InvalidSetting, match="R1PLAN_BOT_SETTINGS_FILE"):
        ServersInFile(tmp_path / "servers.json")


async def test_a_redis_that_is_away_says_so() -> None:
    servers = ServersInRedis(Secret("redis://127.0.0.1:9"))
    try:
        with pytest.raises(ServersUnavailable):
            await servers.read(SERVER)
        with pytest.raises(ServersUnavailable):
            await servers.keep(SERVER, HERE)
    finally:
        await servers.aclose()
