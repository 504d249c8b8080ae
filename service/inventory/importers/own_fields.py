"""The fields of our own lists of offers, the same in CSV and JSON: those of an offer, most of them optional."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from service.inventory.entries import PURCHASE
from service.inventory.importers.csv_rows import CONTROL_CHARACTER
from service.inventory.importers.findings import Machine
from service.inventory.importers.numbers import Unreadable, read_number, read_price, read_truth
from service.inventory.importers.places import find_countries

REQUIRED: Final = ("provider", "instance_type", "gpu_id", "gpu_count", "pricing")
OPTIONAL: Final = (
    "usd_per_hour",
    "purchase_usd",
    "offer_id",
    "provider_kind",
    "region",
    "country",
    "continent",
    "vcpus",
    "ram_gb",
    "price_kind",
    "host_billed_separately",
    "as_of",
    "as_of_basis",
    "source",
    "flags",
)
FLAG_SEPARATOR: Final = ";"
_MAX_TEXT: Final = 2000
_PRICINGS: Final = ("on_demand", "spot", PURCHASE)
_PRICE_KINDS: Final = ("listed", "indicative")
_CONTINENTS: Final = ("", "AF", "AN", "AS", "EU", "NA", "OC", "SA")
_COUNTRY: Final = re.compile("[A-Z]{2}")
_DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_own_fields(fields: Mapping[str, str], *, line: int) -> Machine:
    """Return the machine that the fields of one row describe; `gpu_id` may be any name of the GPU.

    A rental needs `usd_per_hour`, a purchase `purchase_usd`. Not read are the hourly price of a purchase, which follows
    from the other, and an `offer_id`, which follows from provider, instance type, region and pricing.

    Raises:
        Unreadable: a field is missing or does not hold what it promises.
    """
    for name, text in fields.items():
        if len(text) > _MAX_TEXT or CONTROL_CHARACTER.search(text):
            raise Unreadable(f"{name[:40]!r} has more than {_MAX_TEXT} characters, or a control character")
    missing = [name for name in REQUIRED if not fields.get(name)]
    if missing:
        raise Unreadable(f"{', '.join(missing)} missing")
    count = read_number(fields["gpu_count"], column="gpu_count")
    if count is None or count < 1 or not count.is_integer():
        raise Unreadable(f"gpu_count is {fields['gpu_count'][:40]}; allowed is a whole number from 1 up")
    pricing = _choose(fields, "pricing", allowed=_PRICINGS)
    column = "purchase_usd" if pricing == PURCHASE else "usd_per_hour"
    price = read_price(fields.get(column, ""), column=column)
    if price is None:
        raise Unreadable(f"{column} is {fields.get(column) or 'missing'}; {pricing} needs a price above 0 there")
    return Machine(
        line=line,
        provider=fields["provider"],
        provider_kind=fields.get("provider_kind") or None,
        instance_type=fields["instance_type"],
        gpu_names=(fields["gpu_id"],),
        gpu_count=int(count),
        region=fields.get("region", ""),
        country=_read_country(fields.get("country", "")),
        continent=_choose(fields, "continent", allowed=_CONTINENTS) or None,
        usd_per_hour=price if pricing == "on_demand" else None,
        spot_usd_per_hour=price if pricing == "spot" else None,
        purchase_usd=price if pricing == PURCHASE else None,
        vcpus=read_number(fields.get("vcpus", ""), column="vcpus"),
        ram_gb=read_number(fields.get("ram_gb", ""), column="ram_gb"),
        price_kind=_choose(fields, "price_kind", allowed=_PRICE_KINDS),
        host_billed_separately=read_truth(fields.get("host_billed_separately", ""), column="host_billed_separately"),
        flags=tuple(flag.strip() for flag in fields.get("flags", "").split(FLAG_SEPARATOR) if flag.strip()),
        as_of=_read_date(fields.get("as_of", "")),
        as_of_basis=fields.get("as_of_basis") or None,
        source=fields.get("source") or None,
    )


def _choose(fields: Mapping[str, str], name: str, *, allowed: tuple[str, ...]) -> str:
    value = fields.get(name) or allowed[0]
    if value not in allowed:
        raise Unreadable(f"{name} is {value[:40]!r}; allowed are {', '.join(filter(None, allowed))}")
    return value


def _read_country(text: str) -> str | None:
    if text and not _COUNTRY.fullmatch(text):
        found = find_countries(text)
        hint = f", and the nearest is {' or '.join(found)}" if found else ""
        raise Unreadable(f"country is {text[:40]!r}; allowed are the two capital letters of ISO 3166, such as FI{hint}")
    return text or None


def _read_date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable(f"as_of is {text[:40]!r}; allowed is a date such as 2026-05-24")
