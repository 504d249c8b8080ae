"""Read catalogues without a database, and hold them against rows that a person wrote down."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from planner import Offer
from service.inventory.importers.catalogue import Catalogue, Stamp, read_catalogue
from service.inventory.importers.findings import Finding
from service.inventory.importers.gpu_names import GpuNames
from service.inventory.importers.gpuhunt import read_gpuhunt
from service.inventory.importers.providers import find_provider
from service.inventory.importers.skypilot import read_skypilot
from service.seed import read_gpus

STAMP = Stamp(source="a catalogue", as_of=dt.date(2026, 5, 1), as_of_basis="stated at import")


class Row(NamedTuple):
    """An offer as a person writes it down from a catalogue."""

    instance_type: str
    gpu_id: str
    gpu_count: int
    region: str
    country: str
    pricing: str
    usd_per_hour: float
    price_kind: str = "listed"


def read_findings(findings: Iterable[Finding], *, name: str = "test", is_own: bool = False) -> Catalogue:
    return read_catalogue(
        findings, name=name, is_own=is_own, gpus=GpuNames(read_gpus()), kinds={}, stamp=STAMP, max_refused=100
    )


def read_skypilot_text(text: str, *, provider: str) -> Catalogue:
    lines = text.encode().splitlines(keepends=True)
    return read_findings(read_skypilot(lines, provider=find_provider(provider)), name=f"skypilot:{provider}")


def read_gpuhunt_text(text: str, *, provider: str) -> Catalogue:
    lines = text.encode().splitlines(keepends=True)
    return read_findings(read_gpuhunt(lines, provider=find_provider(provider)), name=f"gpuhunt:{provider}")


def rows_of(catalogue: Catalogue) -> list[Row]:
    """Return the offers in the order of their lines, on demand before spot."""
    offers = sorted(catalogue.offers.values(), key=lambda offer: (catalogue.lines[offer.offer_id], offer.pricing))
    return [_row(offer) for offer in offers]


def left_out_of(catalogue: Catalogue) -> dict[str, int]:
    return {each.reason: each.rows for each in catalogue.left_out.values()}


def doubts_of(catalogue: Catalogue) -> dict[str, str]:
    return {each.key.name: each.reason for each in catalogue.doubts.values()}


def offer_of(catalogue: Catalogue, instance_type: str, *, pricing: str = "on_demand") -> Offer:
    (offer,) = (
        each for each in catalogue.offers.values() if (each.instance_type, each.pricing) == (instance_type, pricing)
    )
    return offer


def _row(offer: Offer) -> Row:
    return Row(
        offer.instance_type,
        offer.gpu_id,
        offer.gpu_count,
        offer.region,
        offer.country,
        offer.pricing,
        offer.usd_per_hour,
        offer.price_kind,
    )
