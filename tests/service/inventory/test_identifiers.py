import re

import pytest

from service.inventory.errors import InvalidEntry
from service.inventory.identifiers import check_offer_id, make_offer_id
from service.seed import read_offers


def test_an_offer_is_named_by_who_offers_what_where_and_how() -> None:
    offer_id = make_offer_id("aws", instance_type="p4d.24xlarge", region="us-west-2", pricing="on_demand")
    assert offer_id == "aws:p4d.24xlarge:us-west-2:on_demand"


def test_an_offer_identifier_stands_in_a_url_whatever_the_region_is_called() -> None:
    offer_id = make_offer_id("Vast", instance_type="2x-RTX_4090", region=", US / Québec ", pricing="spot")
    assert offer_id == "vast:2x-rtx_4090:us-qu-bec:spot"


def test_an_unstated_region_is_said_to_be_unstated() -> None:
    assert make_offer_id("vast", instance_type="1x_A10", region="", pricing="spot") == "vast:1x_a10:unstated:spot"


@pytest.mark.parametrize("offer_id", ["", "a/b", "A:b", "a b", "é", ".", "..", "a" * 201])
def test_an_identifier_that_would_not_stand_in_a_url_is_refused(offer_id: str) -> None:
    with pytest.raises(InvalidEntry, match="such as aws:"):
        check_offer_id(offer_id)


def test_what_makes_an_identifier_too_long_is_named() -> None:
    with pytest.raises(InvalidEntry, match="region is too long") as refused:
        make_offer_id("aws", instance_type="g6.xlarge", region="r" * 200, pricing="spot")
    assert refused.value.field == "region"


def test_no_two_seed_offers_share_an_identifier() -> None:
    offer_ids = [offer.offer_id for offer in read_offers()]
    assert len(set(offer_ids)) == len(offer_ids)
    assert all(re.fullmatch(r"[a-z0-9._:-]+", offer_id) for offer_id in offer_ids)
