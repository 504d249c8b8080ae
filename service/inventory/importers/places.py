"""Country and continent of a region as a provider names it; nothing where the name does not tell."""

from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import msgspec
from msgspec import Struct

from planner import is_in_region

_PARTS_OF_A_PLACE: Final = 3


class _Places(Struct, frozen=True, kw_only=True):
    continents: dict[str, list[str]]
    regions: dict[str, dict[str, str]]


@lru_cache(maxsize=8192)
def find_place(provider: str, region: str) -> tuple[str, str]:
    """Return the country (ISO 3166, two letters) and continent of a region, each "" where its name does not tell."""
    country = _find_country(provider, region)
    return country, _continents().get(country, "")


def continent_of(country: str) -> str:
    """Return the continent of a country, "" where it is not known."""
    return _continents().get(country.upper(), "")


def find_countries(word: str) -> list[str]:
    """Return the countries that a word may mean where two capital letters are wanted: `de` and `Germany` mean DE."""
    return [country for country in _continents() if is_in_region("", country, "", word)]


def _find_country(provider: str, region: str) -> str:
    places = _places()
    for key in (provider, ""):
        for pattern, country in places.regions.get(key, {}).items():
            if fnmatchcase(region.casefold(), pattern.casefold()):
                return country
    # "Oregon, US, NA" as marketplaces write it, and a bare "US".
    parts = [part.strip() for part in region.split(",")]
    told = parts[-2] if len(parts) >= _PARTS_OF_A_PLACE else parts[-1]
    return told if told in _continents() else ""


@cache
def _continents() -> dict[str, str]:
    return {country: continent for continent, countries in _places().continents.items() for country in countries}


@cache
def _places() -> _Places:
    return msgspec.json.decode(
        (resources.files("service.inventory.importers") / "places.json").read_bytes(), type=_Places
    )
