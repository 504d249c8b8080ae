"""`/v1/offers/{offer_id}/prices`, and plans on the prices of a past day."""

import datetime as dt

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from service.inventory.offer_changes import set_price
from service.inventory.utc import today
from tests.service.api.conftest import Change

CHEAPEST_OF_THEN = {"as_of": "2026-03-01", "gpu": "rtx-4060-ti-16gb"}


async def test_an_offers_prices_come_in_pages_the_newest_first(api: httpx.AsyncClient, change: Change) -> None:
    offer = (await api.get("/v1/offers?limit=1&pricing=on_demand")).json()["items"][0]
    path = f"/v1/offers/{offer['offer_id']}/prices"

    async def raise_price(session: AsyncSession) -> None:
        await set_price(session, offer["offer_id"], usd_per_hour=9.0)

    await change(raise_price)
    first = (await api.get(path, params={"limit": 1})).json()
    second = (await api.get(path, params={"limit": 1, "cursor": first["next_cursor"]})).json()

    assert [price["usd_per_hour"] for price in (*first["items"], *second["items"])] == [9.0, offer["usd_per_hour"]]
    assert (first["offer_id"], first["vanished_on"], second["next_cursor"]) == (offer["offer_id"], None, None)
    whole = await api.get(path)
    assert (await api.get(path, headers={"if-none-match": whole.headers["etag"]})).status_code == 304


async def test_a_plan_of_a_past_day_is_kept_apart_from_that_of_today(api: httpx.AsyncClient, change: Change) -> None:
    then = (await api.get("/v1/plan", params=CHEAPEST_OF_THEN)).json()
    offer = then["options"][0]["offer"]

    async def lower_price(session: AsyncSession) -> None:
        await set_price(session, offer["offer_id"], usd_per_hour=0.01)

    await change(lower_price)
    now = (await api.get("/v1/plan", params={"gpu": CHEAPEST_OF_THEN["gpu"]})).json()
    again = await api.get("/v1/plan", params=CHEAPEST_OF_THEN)

    assert now["options"][0]["usd_per_hour"] == 0.01
    assert now["inventory"]["as_of"] is None
    assert again.json()["options"] == then["options"]
    assert again.json()["inventory"]["as_of"] == "2026-03-01"
    assert (
        then["options"][0]["cost"]["price_age_days"]
        == (dt.date(2026, 3, 1) - dt.date.fromisoformat(offer["as_of"])).days
    )
    assert (await api.get("/v1/plan", params=CHEAPEST_OF_THEN)).headers["cache-status"] == "r1plan; hit"


async def test_a_day_before_all_prices_is_an_answer_and_a_day_to_come_a_refusal(api: httpx.AsyncClient) -> None:
    before = await api.get("/v1/plan", params={"as_of": "2020-01-01"})
    tomorrow = today() + dt.timedelta(days=1)
    after = await api.get("/v1/plan", params={"as_of": tomorrow.isoformat()})

    assert before.json()["outcome"] == "infeasible"
    assert before.json()["rejections"][0]["reason"] == "no_prices_yet"
    assert after.status_code == 400
    assert (after.json()["code"], after.json()["nearest"]) == ("invalid_as_of", [today().isoformat()])
    assert (await api.get("/v1/plan/chart", params={"as_of": tomorrow.isoformat()})).status_code == 400
    assert (await api.get("/v1/plan/chart", params={**CHEAPEST_OF_THEN, "format": "svg"})).status_code == 200
