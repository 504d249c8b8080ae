"""`/v1/offers`: the offers of the inventory, rentals and purchases, the cheapest by the hour first."""

import datetime as dt
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from planner import FIELDS, Field, Offer
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.api.paging import PAGING
from service.api.query import read_fields
from service.inventory.database import Database
from service.inventory.errors import OfferNotFound
from service.inventory.listing import DEFAULT_LIMIT, OfferFilter, list_offers
from service.inventory.price_history import list_prices
from service.inventory.repository import Price, load_price_history
from service.inventory.snapshot import SnapshotStore

_FIELDS: Final[dict[str, Field]] = {
    **{name: FIELDS[name] for name in ("gpu", "provider", "provider_kind", "region", "pricing")},
    "price_kind": Field(
        kind="text",
        repeats=True,
        choices=("listed", "indicative"),
        example="listed",
        description="Prices that can be ordered at, or that are a hint only.",
    ),
    "min_usd_per_hour": Field(kind="number", example=0.5, description="Least price of the whole instance, included."),
    "max_usd_per_hour": FIELDS["max_usd_per_hour"],
    **PAGING,
}


class OfferList(Struct, frozen=True, kw_only=True):
    """Offers, the cheapest by the hour first; `next_cursor` leads to the page after this one, null to none.

    `purchase_usd` is what a purchase costs once, null for a rental; its hourly price is that spread over a life, with
    the electricity.
    """

    items: tuple[Offer, ...]
    next_cursor: str | None


class OfferAnswer(Offer, frozen=True, kw_only=True):
    """An offer and its prices through time: the current one first, then the newest."""

    prices: tuple[Price, ...]


@get(
    "/",
    summary="Offers",
    responses={
        **answers(OfferList, "A page of offers."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(_FIELDS),
)
async def get_offers(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    snapshots: NamedDependency[SnapshotStore],
) -> ASGIResponse:
    """Answer with a page of offers."""
    given = read_fields(request.scope["query_string"], fields=_FIELDS)
    limit, cursor = given.pop("limit", DEFAULT_LIMIT), given.pop("cursor", None)
    inventory = (await snapshots.current()).inventory
    if "gpu" in given:
        names: tuple[str, ...] = given.pop("gpu")
        given["gpu_ids"] = tuple(gpu_id for name in names for gpu_id in inventory.gpu_ids(name, field="gpu"))
    if "provider" in given:
        given["provider"] = tuple(inventory.providers(given["provider"], field="provider"))
    async with database.read() as session:
        page = await list_offers(session, OfferFilter(**given), cursor=cursor, limit=limit)
    answer = OfferList(items=page.offers, next_cursor=page.next_cursor)
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


class PriceList(Struct, frozen=True, kw_only=True):
    """An offer's prices by the day they were seen, the newest first.

    `vanished_on` is the day from which its catalogue lists the offer no more, or on which it was deleted, null for one
    that can be had; `next_cursor` leads to the page after this one, null to none.
    """

    offer_id: str
    vanished_on: dt.date | None
    items: tuple[Price, ...]
    next_cursor: str | None


@get(
    "/{offer_id:str}",
    summary="One offer",
    description="With its prices through time.",
    responses={
        **answers(OfferAnswer, "The offer."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes({}),
)
async def get_offer(
    request: Request[Any, Any, Any],
    offer_id: FromPath[str],
    database: NamedDependency[Database],
    snapshots: NamedDependency[SnapshotStore],
) -> ASGIResponse:
    """Answer with one offer."""
    inventory = (await snapshots.current()).inventory
    offer = next((offer for offer in inventory.offers if offer.offer_id == offer_id), None)
    if offer is None:
        raise OfferNotFound(f"The inventory has no offer {offer_id[:80]!r}.")
    async with database.read() as session:
        prices = await load_price_history(session, offer_id)
    answer = OfferAnswer(**{name: getattr(offer, name) for name in offer.__struct_fields__}, prices=tuple(prices))
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


@get(
    "/{offer_id:str}/prices",
    summary="The prices of an offer",
    description="Through time, those of an offer that is no longer listed too.",
    responses={
        **answers(PriceList, "A page of prices."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(PAGING),
)
async def get_prices(
    request: Request[Any, Any, Any], offer_id: FromPath[str], database: NamedDependency[Database]
) -> ASGIResponse:
    """Answer with a page of an offer's prices."""
    given = read_fields(request.scope["query_string"], fields=PAGING)
    async with database.read() as session:
        page = await list_prices(session, offer_id, cursor=given.get("cursor"), limit=given.get("limit", DEFAULT_LIMIT))
    answer = PriceList(
        offer_id=page.offer_id, vanished_on=page.vanished_on, items=page.prices, next_cursor=page.next_cursor
    )
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


ROUTER = Router("/v1/offers", route_handlers=[get_offers, get_offer, get_prices], tags=["inventory"])
