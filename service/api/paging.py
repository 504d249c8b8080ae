"""Lists in pages: the parameters `limit` and `cursor`, the same on every list."""

from typing import Final

from planner import Field
from service.inventory.listing import DEFAULT_LIMIT, MAX_LIMIT

PAGING: Final[dict[str, Field]] = {
    "limit": Field(
        kind="integer",
        least=1,
        most=MAX_LIMIT,
        example=DEFAULT_LIMIT,
        description=f"Most entries of a page; {DEFAULT_LIMIT} where it is not given.",
    ),
    "cursor": Field(
        kind="text",
        description="Where the page begins: the `next_cursor` of the page before.",
    ),
}
