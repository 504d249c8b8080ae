"""Who may ask, and how often: keys, scopes and rates over the API."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import update

from service.app import create_app
from service.inventory.api_keys import ApiKeyRow, Scope, create_key, load_keys, revoke_key, rotate_key
from service.inventory.database import Database
from service.inventory.utc import now
from service.key_format import make_key
from tests.service.api.conftest import Change, settings_for

PLAN = "/v1/plan?context=32k"
MakeKey = Callable[..., Awaitable[dict[str, str]]]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def running(database_url: str, **settings: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with AsyncTestClient(create_app(settings_for(database_url, **settings))) as client:
        yield client


@pytest.fixture
def make_header(change: Change) -> MakeKey:
    """Return a way to make a key; it returns the header that carries it."""

    async def make(name: str = "ops", *, scope: Scope = "read", rate: int | None = None) -> dict[str, str]:
        tokens: list[str] = []

        async def create(session: object) -> None:
            tokens.append((await create_key(session, name, scope=scope, requests_per_minute=rate)).reveal())  # pyright: ignore[reportArgumentType]  (a session, as `change` gives it)

        await change(create)
        return bearer(tokens[0])

    return make


def is_refused(answer: httpx.Response, *, status: int, code: str) -> bool:
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    return (answer.status_code, problem["status"], problem["code"]) == (status, status, code)


async def test_reading_is_open_to_anybody_unless_a_setting_closes_it(api: httpx.AsyncClient) -> None:
    for path in (PLAN, "/v1/offers", "/metrics", "/schema", "/"):
        assert (await api.get(path)).status_code == 200, path


async def test_a_closed_service_answers_nobody_without_a_key(seeded_url: str, make_header: MakeKey) -> None:
    key = await make_header()
    async with running(seeded_url, R1PLAN_REQUIRE_KEY="read") as api:
        for path in (PLAN, "/v1/offers", "/v1/gpus/l4", "/v1/plan/chart", "/v1/ask?q=8b", "/metrics", "/"):
            refused = await api.get(path)
            assert is_refused(refused, status=401, code="key_needed"), path
            assert 'scope="read"' in refused.headers["www-authenticate"]
            assert "scope read" in refused.json()["detail"]
            assert (await api.get(path, headers=key)).status_code == 200, path
        # What is remembered is given to nobody else: neither the answer nor that it has not changed.
        etag = (await api.get(PLAN, headers=key)).headers["etag"]
        assert (await api.get(PLAN, headers=key)).headers["cache-status"] == "r1plan; hit"
        assert is_refused(await api.get(PLAN), status=401, code="key_needed")
        assert is_refused(await api.get(PLAN, headers={"If-None-Match": etag}), status=401, code="key_needed")
        assert is_refused(await api.post("/v1/plan", json={}), status=401, code="key_needed")
        head = await api.head(PLAN)
        assert (head.status_code, head.content) == (401, b"")


async def test_health_and_the_page_stay_open(seeded_url: str) -> None:
    async with running(seeded_url, R1PLAN_REQUIRE_KEY="read") as api:
        for path in ("/health/live", "/health/ready", "/schema", "/schema/openapi.json"):
            assert (await api.get(path)).status_code == 200, path
        document = (await api.get("/schema/openapi.json")).json()
        assert document["paths"]["/v1/plan"]["get"]["security"] == [{"key": []}]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer nothing",
        "Basic b3BzOm9wcw==",
        "r1p_",
        pytest.param("Bearer " + make_key(), id="a key that nobody made"),
    ],
)
async def test_a_key_that_cannot_be_used_is_refused_even_where_none_is_needed(
    api: httpx.AsyncClient, header: str
) -> None:
    refused = await api.get(PLAN, headers={"Authorization": header})
    assert is_refused(refused, status=401, code="key_unknown")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_a_key_with_one_letter_changed_is_another_key(api: httpx.AsyncClient, make_header: MakeKey) -> None:
    token = (await make_header())["Authorization"].removeprefix("Bearer ")
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert (await api.get(PLAN, headers=bearer(token))).status_code == 200
    assert is_refused(await api.get(PLAN, headers=bearer(changed)), status=401, code="key_unknown")
    assert is_refused(await api.get(PLAN, headers=bearer(token[:-1])), status=401, code="key_unknown")


async def test_the_kind_of_the_header_is_read_in_any_case(api: httpx.AsyncClient, make_header: MakeKey) -> None:
    token = (await make_header())["Authorization"].removeprefix("Bearer ")
    assert (await api.get(PLAN, headers={"authorization": f"bearer  {token}"})).status_code == 200


async def test_a_key_ends_within_a_second_of_being_revoked_or_replaced(
    api: httpx.AsyncClient, change: Change, make_header: MakeKey
) -> None:
    revoked, replaced = await make_header("one"), await make_header("two")
    for key in (revoked, replaced):
        assert (await api.get(PLAN, headers=key)).status_code == 200
    await change(lambda session: revoke_key(session, "one"))
    await change(lambda session: rotate_key(session, "two"))
    await asyncio.sleep(1.05)

    assert is_refused(await api.get(PLAN, headers=revoked), status=401, code="key_revoked")
    assert is_refused(await api.get(PLAN, headers=replaced), status=401, code="key_unknown")


async def test_an_expired_key_is_refused_with_the_day(
    api: httpx.AsyncClient, change: Change, make_header: MakeKey
) -> None:
    key = await make_header()
    await change(lambda session: session.execute(update(ApiKeyRow).values(expires_at=now() - dt.timedelta(days=1))))
    refused = await api.get(PLAN, headers=key)

    assert is_refused(refused, status=401, code="key_expired")
    assert f"{now() - dt.timedelta(days=1):%Y-%m-%d}" in refused.json()["detail"]


async def test_the_use_of_a_key_is_noted_beside_the_request(
    api: httpx.AsyncClient, seeded_url: str, make_header: MakeKey
) -> None:
    key = await make_header()
    assert (await api.get(PLAN, headers=key)).status_code == 200
    database = Database(settings_for(seeded_url))
    async with asyncio.timeout(10):
        while True:
            async with database.read() as session:
                last_used_at = (await load_keys(session))[0].last_used_at
            if last_used_at is not None:
                break
            await asyncio.sleep(0.02)
    await database.close()

    assert (now() - last_used_at).total_seconds() < 10
    assert (await api.get("/health/ready")).json()["inventory_revision"] == 1


async def test_every_answer_says_what_is_left_of_the_minute(seeded_url: str, make_header: MakeKey) -> None:
    key = await make_header(rate=50)
    async with running(seeded_url, R1PLAN_RATE_ON_LOOPBACK="40") as api:
        for headers, limit in (({}, 40), (key, 50), (bearer(make_key()), 40)):
            answer = await api.get(PLAN, headers=headers)
            assert answer.headers["ratelimit-limit"] == str(limit)
            assert 0 < int(answer.headers["ratelimit-remaining"]) < limit
            assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
        assert "ratelimit-limit" not in (await api.get("/health/live")).headers


async def test_who_asks_too_often_waits_and_others_do_not(seeded_url: str, make_header: MakeKey) -> None:
    key = await make_header()
    async with running(seeded_url, R1PLAN_RATE_ON_LOOPBACK="3", R1PLAN_RATE_PER_KEY="100") as api:
        answers = [await api.get(PLAN) for _ in range(8)]  # more than twice the rate: a minute may turn between
        refused = next(answer for answer in answers if answer.status_code == 429)

        assert is_refused(refused, status=429, code="too_many_requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
        assert refused.headers["ratelimit-remaining"] == "0"
        assert (await api.get(PLAN, headers=key)).status_code == 200
        assert (await api.get("/health/live")).status_code == 200


async def test_who_tries_keys_out_is_slowed_down(seeded_url: str) -> None:
    async with running(seeded_url, R1PLAN_RATE_ON_LOOPBACK="3") as api:
        statuses = [(await api.get(PLAN, headers=bearer(make_key()))).status_code for _ in range(8)]
        assert set(statuses) == {401, 429}


async def test_a_rate_of_zero_is_any_number(seeded_url: str) -> None:
    async with running(seeded_url, R1PLAN_RATE_ON_LOOPBACK="0") as api:
        assert "ratelimit-limit" not in (await api.get(PLAN)).headers


async def test_a_key_in_the_open_is_refused_and_not_repeated(api: httpx.AsyncClient) -> None:
    key = make_key()
    answers = [
        await api.get(f"/v1/plan?api_key={key}"),
        await api.get(f"/v1/plan?{key}=1"),
        await api.get(f"/v1/gpus/{key}"),
        await api.get(f"/v1/ask?q=8b {key}"),
        await api.post("/v1/plan", json={"context": key}),
        await api.post("/v1/plan", json={key: 1}),
    ]
    for answer in answers:
        assert is_refused(answer, status=400, code="key_in_the_open"), answer.request.url
        assert key.rpartition("_")[2] not in answer.text
