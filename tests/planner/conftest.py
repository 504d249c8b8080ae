"""The seeded inventory, read from the project's own seed files."""

import csv
import datetime as dt
import importlib.resources

import msgspec
import pytest

from planner import Gpu, Inventory, Offer


@pytest.fixture(scope="session")
def seeded() -> Inventory:
    """Return the inventory that a fresh database is seeded with."""
    seed = importlib.resources.files("service.seed")
    gpus = msgspec.json.decode(seed.joinpath("gpus.json").read_bytes(), type=list[Gpu])
    lines = seed.joinpath("offers.csv").read_text(encoding="utf-8").splitlines()
    offers = [_offer(number, row) for number, row in enumerate(csv.DictReader(lines))]
    return Inventory(revision=1, gpus=gpus, offers=offers)


def _offer(number: int, row: dict[str, str]) -> Offer:
    return Offer(
        offer_id=f"{number}",
        provider=row["provider"],
        provider_kind=row["provider_kind"],
        instance_type=row["instance_type"],
        gpu_id=row["gpu_id"],
        gpu_count=int(row["gpu_count"]),
        pricing=row["pricing"],
        usd_per_hour=float(row["usd_per_hour"]),
        price_kind=row["price_kind"],
        as_of=dt.date.fromisoformat(row["as_of"]),
        as_of_basis=row["as_of_basis"],
        source=row["source"],
        region=row["region"],
        country=row["country"],
        continent=row["continent"],
        host_billed_separately=row["host_billed_separately"] == "true",
        flags=tuple(flag for flag in row["flags"].split("; ") if flag),
    )
