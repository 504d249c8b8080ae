"""The data files of the importers, held against the seed and each other."""

import json
from importlib import resources
from typing import Any

from service.inventory.importers.known_machines import find_known_machine
from service.inventory.importers.places import continent_of, find_place
from service.inventory.importers.providers import KINDS, known_providers
from service.seed import read_gpus, read_offers


def _data(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((resources.files("service.inventory.importers") / name).read_bytes())


def test_known_machines_name_known_providers_and_gpus_and_say_how_known() -> None:
    gpu_ids = {gpu.gpu_id for gpu in read_gpus()}
    for machine in _data("machines.json"):
        assert machine["provider"] in known_providers()
        assert machine["gpu_id"] in gpu_ids
        assert machine["basis"]


def test_known_machines_agree_with_the_seed() -> None:
    compared = 0
    for offer in read_offers():
        known = find_known_machine(offer.provider, offer.instance_type)
        if known is not None:
            compared += 1
            assert (known.gpu_id, known.gpu_count or offer.gpu_count) == (offer.gpu_id, offer.gpu_count), offer
    assert compared > 60


def test_providers_are_of_the_kind_that_the_seed_gives_them() -> None:
    seeded = {offer.provider: offer.provider_kind for offer in read_offers()}
    for name, provider in known_providers().items():
        assert provider.kind in KINDS
        assert seeded.get(provider.provider, provider.kind) == provider.kind, name


def test_every_country_of_a_region_has_a_continent() -> None:
    places = _data("places.json")
    countries = {country for regions in places["regions"].values() for country in regions.values()}
    assert {country for country in countries if not continent_of(country)} == set()


def test_places_are_those_of_the_seed() -> None:
    compared = 0
    for offer in read_offers():
        country, continent = find_place(offer.provider, offer.region)
        if country and offer.country:
            compared += 1
            assert (country, continent) == (offer.country, offer.continent), offer
    assert compared > 150


def test_a_region_that_tells_no_country_has_none() -> None:
    assert find_place("aws", "moon-north-1") == ("", "")
    assert find_place("vast", "Nowhere") == ("", "")
    assert find_place("vast", ", ZZ, NA") == ("", "")
