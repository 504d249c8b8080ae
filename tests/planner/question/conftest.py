"""The names that a seeded service knows."""

from __future__ import annotations

import pytest

from planner import Inventory
from planner.facts import engine_facts, kv_cache_dtypes, models, weight_formats
from planner.question import Names, names_from


@pytest.fixture(scope="session")
def names(seeded: Inventory) -> Names:
    return names_from(seeded.gpus, seeded.offers, models(), weight_formats(), kv_cache_dtypes(), engine_facts())
