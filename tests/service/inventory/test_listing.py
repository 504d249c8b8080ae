import base64
import datetime as dt
from collections.abc import Callable
from typing import Final

import pytest

from planner import Gpu, Offer
from service.inventory.database import Database
from service.inventory.errors import InvalidCursor
from service.inventory.listing import GpuFilter, OfferFilter, count_offers, list_gpus, list_offers
from service.inventory.offer_changes import set_price
from service.seed import read_gpus, read_offers, read_purchases

_SEED: Final = (*read_offers(), *read_purchases())


async def _all_offers(database: Database, offer_filter: OfferFilter, *, limit: int) -> list[Offer]:
    offers: list[Offer] = []
    cursor: str | None = None
    async with database.read() as session:
        while True:
            page = await list_offers(session, offer_filter, cursor=cursor, limit=limit)
            assert 0 < len(page.offers) <= limit
            offers += page.offers
            cursor = page.next_cursor
            if cursor is None:
                return offers


async def test_the_pages_together_hold_every_offer_once_the_cheapest_first(seeded_inventory: Database) -> None:
    expected = sorted(_SEED, key=lambda offer: (offer.usd_per_hour, offer.offer_id))
    for limit in (7, 59, 419, 500):
        assert await _all_offers(seeded_inventory, OfferFilter(), limit=limit) == expected, limit


_FILTERS: Final[list[tuple[OfferFilter, Callable[[Offer], bool]]]] = [
    (OfferFilter(gpu_ids=("l4", "t4")), lambda offer: offer.gpu_id in {"l4", "t4"}),
    (OfferFilter(provider=("aws",)), lambda offer: offer.provider == "aws"),
    (OfferFilter(provider_kind=("marketplace",)), lambda offer: offer.provider_kind == "marketplace"),
    (OfferFilter(pricing=("spot",)), lambda offer: offer.pricing == "spot"),
    (OfferFilter(price_kind=("indicative",)), lambda offer: offer.price_kind == "indicative"),
    (OfferFilter(region=("se", "EU-WEST-1")), lambda offer: offer.country == "SE" or offer.region == "eu-west-1"),
    (OfferFilter(region=("eu",)), lambda offer: offer.continent == "EU" or offer.region.startswith("EU /")),
    (
        OfferFilter(region=("us-east",)),
        lambda offer: offer.region in {"us-east-1", "us-east-2", "us-east4", "us-east5"},
    ),
    (OfferFilter(min_usd_per_hour=0.526), lambda offer: offer.usd_per_hour >= 0.526),
    (OfferFilter(max_usd_per_hour=0.526), lambda offer: offer.usd_per_hour <= 0.526),
    (OfferFilter(pricing=("buy",)), lambda offer: offer.purchase_usd is not None),
    (
        OfferFilter(pricing=("buy",), min_usd_per_hour=0.1, max_usd_per_hour=0.161718),
        lambda offer: offer.pricing == "buy" and 0.1 <= offer.usd_per_hour <= 0.161718,
    ),
    (
        OfferFilter(provider=("aws", "gcp"), pricing=("on_demand",), max_usd_per_hour=2.0),
        lambda offer: offer.provider in {"aws", "gcp"} and offer.pricing == "on_demand" and offer.usd_per_hour <= 2.0,
    ),
]


async def test_a_filter_lets_through_what_it_says(seeded_inventory: Database) -> None:
    for offer_filter, passes in _FILTERS:
        expected = {offer.offer_id for offer in _SEED if passes(offer)}
        assert expected
        listed = await _all_offers(seeded_inventory, offer_filter, limit=40)
        assert {offer.offer_id for offer in listed} == expected, offer_filter
        async with seeded_inventory.read() as session:
            assert await count_offers(session, offer_filter) == len(expected)


async def test_a_filter_that_nothing_passes_gives_an_empty_last_page(seeded_inventory: Database) -> None:
    async with seeded_inventory.read() as session:
        page = await list_offers(session, OfferFilter(provider=("nobody",)))
    assert (page.offers, page.next_cursor) == ((), None)


async def test_a_list_shows_the_price_of_today_not_the_one_before(seeded_inventory: Database) -> None:
    offer_id = "aws:p5.4xlarge:us-east-1:on_demand"
    async with seeded_inventory.change() as session:
        await set_price(session, offer_id, usd_per_hour=0.000123)
    async with seeded_inventory.read() as session:
        page = await list_offers(session, OfferFilter(), limit=1)
    assert [(offer.offer_id, offer.usd_per_hour) for offer in page.offers] == [(offer_id, 0.000123)]
    assert page.offers[0].as_of >= dt.date(2026, 1, 1)


async def test_the_pages_together_hold_every_gpu_once_by_identifier(seeded_inventory: Database) -> None:
    gpus: list[Gpu] = []
    cursor: str | None = None
    async with seeded_inventory.read() as session:
        for _ in range(10):
            page = await list_gpus(session, GpuFilter(), cursor=cursor, limit=10)
            gpus += page.gpus
            cursor = page.next_cursor
            if cursor is None:
                break
    assert gpus == sorted(read_gpus(), key=lambda gpu: gpu.gpu_id)


async def test_gpus_are_chosen_by_vendor_class_identifier_and_memory(seeded_inventory: Database) -> None:
    async with seeded_inventory.read() as session:
        amd = await list_gpus(session, GpuFilter(vendor=("amd",), gpu_class=("data_center",)), limit=100)
        large = await list_gpus(session, GpuFilter(min_visible_memory_gib=200), limit=100)
        named = await list_gpus(session, GpuFilter(gpu_ids=("l4", "t4")), limit=100)
    assert {gpu.gpu_id for gpu in amd.gpus} == {"mi210", "mi250x", "mi300x", "mi308x", "mi325x", "mi350x", "mi355x"}
    assert {gpu.gpu_id for gpu in large.gpus} == {"b300", "gb300", "mi325x", "mi350x", "mi355x"}
    assert [gpu.gpu_id for gpu in named.gpus] == ["l4", "t4"]


_OF_GPUS = base64.urlsafe_b64encode(b'{"gpu_id":"l4"}').decode()


async def test_a_cursor_that_no_list_has_given_is_refused(empty_inventory: Database) -> None:
    async with empty_inventory.read() as session:
        for cursor in ("", "x", "é", "\0", "AAAA", "bnVsbA", "e30", _OF_GPUS, "A" * 5000):
            with pytest.raises(InvalidCursor, match="next_cursor"):
                await list_offers(session, OfferFilter(), cursor=cursor)
