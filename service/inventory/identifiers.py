"""Offer identifiers: readable, stable, and safe in a URL."""

import re
from functools import lru_cache
from typing import Final

from service.inventory.errors import InvalidEntry

MAX_LENGTH: Final = 200
UNSTATED: Final = "unstated"

_NOT_IN_A_PART: Final = re.compile(r"[^a-z0-9._]+")
# Letters that a URL's path segment holds as they are; at least one of them is a letter or digit.
_OFFER_ID: Final = re.compile(r"[a-z0-9][a-z0-9._:~-]*")


def make_offer_id(provider: str, *, instance_type: str, region: str, pricing: str) -> str:
    """Return the identifier of an offer: `aws:p4d.24xlarge:us-west-2:on_demand`.

    Each part is put in lower case and every run of characters other than a-z, 0-9, `.` and `_` becomes one hyphen;
    a part that leaves nothing (no region stated) is `unstated`. The same four parts always give the same identifier.

    Raises:
        InvalidEntry: the identifier would be longer than 200 characters; the field is the longest part.
    """
    offer_id = ":".join(map(_to_part, (provider, instance_type, region, pricing)))
    if len(offer_id) > MAX_LENGTH:
        parts = {"provider": provider, "instance_type": instance_type, "region": region}
        longest = max(parts, key=lambda name: len(parts[name]))
        allowed = f"{MAX_LENGTH} characters for all parts together"
        raise InvalidEntry(
            f"{longest} is too long: the offer's identifier is made of {', '.join(parts)} and pricing, and would have"
            f" {len(offer_id):,} characters. Allowed: {MAX_LENGTH}.",
            field=longest,
            allowed=allowed,
        )
    return check_offer_id(offer_id)


# A catalogue repeats its words: of a hundred thousand rows a few hundred regions.
@lru_cache(maxsize=8192)
def _to_part(word: str) -> str:
    return _NOT_IN_A_PART.sub("-", word.casefold()).strip("-") or UNSTATED


def check_offer_id(offer_id: str) -> str:
    """Return `offer_id` if it can stand in a URL as it is.

    Raises:
        InvalidEntry: it cannot.
    """
    if len(offer_id) > MAX_LENGTH or _OFFER_ID.fullmatch(offer_id) is None:
        raise InvalidEntry(
            f"The offer identifier {offer_id[:80]!r} cannot be used; allowed are up to {MAX_LENGTH} characters of"
            f" a-z, 0-9 and . _ : ~ -, beginning with a letter or digit, such as aws:p5.4xlarge:us-east-1:on_demand."
        )
    return offer_id
