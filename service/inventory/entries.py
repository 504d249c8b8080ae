"""What an inventory can hold: the checks that every new entry passes."""

import datetime as dt
from functools import lru_cache
from typing import Final

from planner import Offer
from service.inventory.errors import InvalidEntry
from service.inventory.identifiers import check_offer_id
from service.inventory.utc import today

PURCHASE: Final = "buy"
# What NUMERIC(12, 6) holds.
MAX_USD_PER_HOUR: Final = 999_999.999999
USD_PLACES: Final = 6
# What NUMERIC(12, 2) holds.
MAX_PURCHASE_USD: Final = 9_999_999_999.99
CENT_PLACES: Final = 2
# No GPU was for rent before; an earlier day is a slip, or a file that has lost its date.
EARLIEST: Final = dt.date(2000, 1, 1)


def check_usd_per_hour(usd_per_hour: float) -> float:
    """Return the price rounded to the six places that are kept.

    Raises:
        InvalidEntry: it is not above zero, not finite, or more than a column holds.
    """
    kept = round(usd_per_hour, USD_PLACES)
    if not 0 < kept <= MAX_USD_PER_HOUR:
        raise InvalidEntry(
            f"{usd_per_hour} is no price; allowed is from 0.000001 to {MAX_USD_PER_HOUR} US dollars an hour."
        )
    return kept


def check_purchase_usd(purchase_usd: float) -> float:
    """Return the price of a purchase rounded to the cents that are kept.

    Raises:
        InvalidEntry: it is not above zero, not finite, or more than a column holds.
    """
    kept = round(purchase_usd, CENT_PLACES)
    if not 0 < kept <= MAX_PURCHASE_USD:
        raise InvalidEntry(
            f"{purchase_usd} is no price of a purchase; allowed is from 0.01 to {MAX_PURCHASE_USD} US dollars."
        )
    return kept


def check_price(
    offer_id: str, *, pricing: str, usd_per_hour: float | None, purchase_usd: float | None
) -> tuple[float | None, float | None]:
    """Return the hourly price and the price of the purchase as they are kept: one of them, the other None.

    Raises:
        InvalidEntry: a rental without an hourly price, a purchase without a price of its own, one with the other's, or
            a price that cannot be.
    """
    if pricing == PURCHASE:
        if purchase_usd is None or usd_per_hour is not None:
            raise InvalidEntry(
                f"{offer_id} is a purchase: allowed is purchase_usd, what its GPUs cost once; what that makes an hour"
                f" follows from it."
            )
        return None, check_purchase_usd(purchase_usd)
    if usd_per_hour is None or purchase_usd is not None:
        raise InvalidEntry(f"{offer_id} is a rental ({pricing}): allowed is usd_per_hour, its price an hour.")
    return check_usd_per_hour(usd_per_hour), None


# A day that could be once can always be, and refusals are not kept; a catalogue has few days for many prices.
@lru_cache(maxsize=256)
def check_date(as_of: dt.date) -> dt.date:
    """Return the day that a price was seen, if that can be.

    Raises:
        InvalidEntry: it lies in the future, or before the year 2000.
    """
    if as_of < EARLIEST:
        allowed = f"a day from {EARLIEST} on"
        raise InvalidEntry(
            f"A price of {as_of} cannot be; allowed is {allowed}.",
            field="as_of",
            allowed=allowed,
            nearest=(EARLIEST.isoformat(),),
        )
    # A day that has not come would outlive every true price of today, and be younger than today in every plan.
    latest = today()
    if as_of > latest:
        allowed = f"a day up to today, {latest} in UTC"
        raise InvalidEntry(
            f"A price of {as_of} lies in the future; allowed is {allowed}.",
            field="as_of",
            allowed=allowed,
            nearest=(latest.isoformat(),),
        )
    return as_of


def check_price_of(offer: Offer) -> tuple[float | None, float | None]:
    """Return the prices of an offer as they are kept; the hourly one of a purchase is not.

    Raises:
        InvalidEntry: as `check_price` does.
    """
    return check_price(
        offer.offer_id,
        pricing=offer.pricing,
        usd_per_hour=None if offer.pricing == PURCHASE else offer.usd_per_hour,
        purchase_usd=offer.purchase_usd,
    )


def check_gpu_can_be_bought(offer: Offer, *, tdp_watts: float | None) -> None:
    """Let a rental pass, and a purchase of GPUs whose power is known.

    Raises:
        InvalidEntry: a purchase of others; what it costs an hour cannot be said.
    """
    if offer.pricing == PURCHASE and tdp_watts is None:
        raise InvalidEntry(
            f"{offer.offer_id} is a purchase of {offer.gpu_id}, whose tdp_watts are not known: its electricity, and so"
            f" its price an hour, cannot be said."
        )


def check_offer(offer: Offer) -> None:
    """Let an offer pass whose identifier, count, price and date can be.

    Raises:
        InvalidEntry: one of them cannot.
    """
    check_offer_id(offer.offer_id)
    check_price_of(offer)
    check_date(offer.as_of)
    if offer.gpu_count < 1:
        raise InvalidEntry(f"{offer.offer_id} has {offer.gpu_count} GPUs; allowed is 1 or more.")
