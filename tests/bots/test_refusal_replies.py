"""What the bot says of what the API refused, of an API in trouble, and of itself."""

from __future__ import annotations

import pytest

from bots.answers import Problem
from bots.client import PlannerError, PlannerRefused, PlannerSlow, PlannerUnreachable, PlannerUnreadable
from bots.replies import help_message, reply_to_error, reply_to_lost, reply_to_too_long
from bots.words import LANGUAGES, Language, words_for
from tests.bots.answering import field

ENGLISH = words_for("en")


def test_a_refused_request_is_told_privately_with_what_is_allowed_and_nearest() -> None:
    problem = Problem(detail="unknown gpu '4091'", field="gpu", allowed=["l4", "rtx-4090"], nearest=["rtx-4090"])
    message = reply_to_error(PlannerRefused(problem, status=400), words=ENGLISH)

    assert message.is_private
    assert message.content == "unknown gpu '4091'"
    assert field(message, "Nearest") == "rtx-4090"
    assert field(message, "Allowed") == "l4, rtx-4090"


def test_what_the_detail_says_already_is_not_said_twice() -> None:
    problem = Problem(detail="unknown gpu '4091'. Nearest: rtx-4090.", nearest=["rtx-4090"])

    assert reply_to_error(PlannerRefused(problem, status=400), words=ENGLISH).fields == ()


def test_a_refusal_without_words_is_still_told() -> None:
    assert reply_to_error(PlannerRefused(Problem(), status=404), words=ENGLISH).content


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PlannerUnreachable(), "cannot be reached"),
        (PlannerSlow(seconds=10), "longer than 10 seconds"),
        (PlannerUnreadable(), "could not be read"),
        (PlannerRefused(Problem(detail="no database"), status=503), "no database"),
        (PlannerRefused(Problem(), status=502), "in trouble"),
        (PlannerError(), "in trouble"),
    ],
)
def test_an_api_in_trouble_is_told_privately(error: PlannerError, words: str) -> None:
    message = reply_to_error(error, words=ENGLISH)

    assert message.is_private
    assert words in message.content


def test_a_question_that_is_too_long_is_told_the_limit() -> None:
    assert "1,200 characters; I read at most 1,000" in reply_to_too_long("x" * 1200, words=ENGLISH).content


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_question_is_told_in_the_readers_language_with_questions_in_it(language: Language) -> None:
    problem = Problem(code="not_understood", field="q", detail="'hello' is no question", allowed="a question")
    message = reply_to_error(PlannerRefused(problem, status=400), words=words_for(language))

    assert message.content == words_for(language).texts["not_understood"]
    assert message.fields == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_shows_both_ways_to_ask(language: Language) -> None:
    message = help_message(mention="<@1>", commands={"plan": "</plan:2>"}, words=words_for(language))
    fit = words_for(language).commands["fit"].name

    assert message.is_private
    assert "</plan:2>" in message.fields[0].value
    assert f"/{fit} " in message.fields[0].value
    assert message.fields[1].value.startswith("<@1> ")


def test_who_must_ask_again_is_told_the_commands_as_their_discord_calls_them() -> None:
    assert "/规划" in reply_to_lost(words=words_for("zh-CN")).content
