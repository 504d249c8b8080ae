from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.message import EMBED_LIMIT, Field, Message, code_block, compose, cut, embed_length, length, plain

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300).flatmap(
    lambda text: st.integers(0, 60).map(lambda times: text * times)
)


@given(st.builds(Field, name=texts, value=texts), texts, texts, texts, texts)
def test_no_text_makes_a_message_over_a_limit(
    field: Field, content: str, title: str, description: str, footer: str
) -> None:
    message = compose(content=content, title=title, description=description, fields=[field] * 30, footer=footer)

    assert embed_length(message) <= EMBED_LIMIT
    assert len(message.fields) <= 25


@given(texts, st.integers(20, 400))
def test_a_cut_text_fits_and_a_short_one_is_left_alone(text: str, limit: int) -> None:
    assert length(cut(text, limit)) <= limit
    if length(text) <= limit:
        assert cut(text, limit) == text


@given(texts, st.integers(20, 400))
def test_a_cut_code_block_is_closed_again(text: str, limit: int) -> None:
    assert cut(f"before {code_block(text)} after", limit).count("```") % 2 == 0


def test_a_fence_inside_a_code_block_does_not_end_it() -> None:
    assert code_block("a ``` b").count("```") == 2


def test_characters_outside_the_basic_plane_count_twice() -> None:
    assert length("a😀") == 3
    assert cut("😀" * 10, 5) == "😀😀…"


def test_markup_is_shown_as_it_is_written() -> None:
    assert plain("near_lossless **x** [a](b)") == r"near_lossless \*\*x\*\* \[a\](b)"
    assert plain("_x_ a__b") == r"\_x\_ a\_\_b"


@pytest.mark.parametrize(
    "fields",
    [
        {"content": " "},
        {"content": "x" * 2001},
        {"content": "x", "title": "x" * 257},
        {"content": "x", "description": "x" * 4097},
        {"content": "x", "footer": "x" * 2049},
    ],
)
def test_a_message_that_discord_would_refuse_cannot_be_made(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"over|no content"):
        Message(**fields)  # pyright: ignore[reportArgumentType] - only texts are given


def test_fields_over_a_limit_cannot_be_made() -> None:
    for wrong in (
        (Field(name="x" * 257, value="x"),),
        (Field(name="x", value="x" * 1025),),
        (Field(name="x", value=" "),),
        (Field(name="x", value="x"),) * 26,
        (Field(name="x", value="x" * 1000),) * 7,
    ):
        with pytest.raises(ValueError, match=r"over|more than|blank"):
            Message(content="x", fields=wrong)
