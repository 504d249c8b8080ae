from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.custom_ids import LONGEST, read_custom_id, read_state, write_custom_id, write_state
from bots.encoding import decode, encode
from bots.enquiry import Enquiry
from bots.states import States
from bots.words import LANGUAGES

OWNER = 2**63 - 1

values = st.text(max_size=30).filter(lambda text: "\ud800" not in text)
fields: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["context", "gpu", "provider", "pricing", "min_quality", "region", "something_new"]),
    values | st.lists(values, min_size=1, max_size=4),
    max_size=5,
)


@given(
    given_fields=fields,
    aside=fields,
    task=st.sampled_from(["plan", "fit", "limits", "compare", "memory", "gpus", "models"]),
    page=st.integers(0, 99),
    language=st.sampled_from(LANGUAGES),
)
def test_what_is_encoded_comes_back_as_it_was(
    given_fields: Any,  # noqa: ANN401 - of any kind, as below
    aside: Any,  # noqa: ANN401
    task: Any,  # noqa: ANN401
    page: int,
    language: Any,  # noqa: ANN401
) -> None:
    enquiry = Enquiry(task=task, fields=given_fields, aside=aside, page=page, language=language)
    text = encode(enquiry)

    assert text.isascii()
    assert decode(text) == enquiry


def test_numbers_and_switches_come_back_as_the_api_reads_them() -> None:
    enquiry = Enquiry(task="plan", fields={"context": 32768, "max_usd_per_hour": 0.5, "allow_tight": True})

    assert decode(encode(enquiry)) == Enquiry(
        task="plan", fields={"context": "32768", "max_usd_per_hour": "0.5", "allow_tight": "true"}
    )


@given(st.text(max_size=120))
def test_what_nobody_here_wrote_is_none(text: str) -> None:
    press = read_custom_id(text)

    assert press is None or text.startswith("r1.")
    decoded = decode(text)
    assert decoded is None or decode(encode(decoded)) == decoded


def test_a_usual_request_fits_into_a_custom_id_with_its_owner() -> None:
    enquiry = Enquiry(
        task="plan",
        fields={
            "context": 131_072,
            "batch": 16,
            "gpu": ["rtx-4090", "h100-sxm"],
            "exclude_vendor": "amd",
            "pricing": ["on_demand", "spot"],
            "min_quality": "near_lossless",
        },
    )

    custom_id = write_custom_id("launch", number=24, owner_id=OWNER, state=encode(enquiry))
    assert len(custom_id) <= LONGEST
    press = read_custom_id(custom_id)
    assert press is not None
    assert (press.action, press.owner_id, decode(press.state)) == ("launch", OWNER, decode(encode(enquiry)))


async def test_a_long_request_is_kept_and_its_key_fits() -> None:
    states = States()
    enquiry = Enquiry(task="plan", fields={"provider": [f"provider-{number}" for number in range(30)]})

    state = await write_state(enquiry, states=states)
    assert len(write_custom_id("launch", number=24, owner_id=OWNER, state=state)) <= LONGEST
    assert await read_state(state, states=states) == enquiry
    # another process without Redis does not know it, and says so
    assert await read_state(state, states=States()) is None


@pytest.mark.parametrize("custom_id", ["", "r1", "r2.show.1.ep0", "r1.sing.1.ep0", "r1.show.UP.ep0", "r1.show..ep0"])
def test_a_custom_id_of_another_version_or_kind_is_not_read(custom_id: str) -> None:
    assert read_custom_id(custom_id) is None
