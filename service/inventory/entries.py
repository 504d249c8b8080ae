"""What an inventory can hold: the checks that every new entry passes."""

import datetime as dt
import math
from typing import Final

from planner import Offer
from service.inventory.errors import InvalidEntry
from service.inventory.identifiers import check_offer_id
from service.inventory.utc import today

# What NUMERIC(12, 6) holds.
MAX_USD_PER_HOUR: Final = 999_999.999999
USD_PLACES: Final = 6


def check_usd_per_hour(usd_per_hour: float) -> float:
    """Return the price rounded to the six places that are kept.

    Raises:
        InvalidEntry: it is not above zero, not finite, or more than a column holds.
    """
    if not math.isfinite(usd_per_hour) or not 0 < round(usd_per_hour, USD_PLACES) <= MAX_USD_PER_HOUR:
        raise InvalidEntry(
            f"{usd_per_hour} is no price; allowed is from 0.000001 to {MAX_USD_PER_HOUR} US dollars an hour."
        )
    return round(usd_per_hour, USD_PLACES)


def check_date(as_of: dt.date) -> dt.date:
    """Return the day that a price was seen, if that can be.

    Raises:
        InvalidEntry: it lies in the future.
    """
    # Somewhere it is tomorrow already, but a day beyond that is a slip that would outlive every true price.
    latest = today() + dt.timedelta(days=1)
    if as_of > latest:
        raise InvalidEntry(f"A price of {as_of} lies in the future; allowed is a day up to {latest}.")
    return as_of


def check_offer(offer: Offer) -> None:
    """Let an offer pass whose identifier, count, price and date can be.

    Raises:
        InvalidEntry: one of them cannot.
    """
    check_offer_id(offer.offer_id)
    check_usd_per_hour(offer.usd_per_hour)
    check_date(offer.as_of)
    if offer.gpu_count < 1:
        raise InvalidEntry(f"{offer.offer_id} has {offer.gpu_count} GPUs; allowed is 1 or more.")
