"""Every limit has a body just inside it, which is taken, and one just outside it, which is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from tests.discord_server.openapi import OpenApi, find_openapi
from tests.discord_server.rest import CALLBACK, COMMANDS, MESSAGES, ORIGINAL
from tests.discord_server.rules.problem import EMPTY_MESSAGE, Json, Problem, as_discord_error
from tests.discord_server.rules.requests import request_problems, written_problems


class Limit(NamedTuple):
    name: str
    method: str
    template: str
    inside: Any
    outside: Any


def command(**fields: object) -> Json:
    return {"name": "plan", "description": "d", "type": 1, **fields}


def option(**fields: object) -> Json:
    return {"type": 3, "name": "gpu", "description": "d", **fields}


def embed(**fields: object) -> Json:
    return {"embeds": [fields]}


def row(*components: Json) -> Json:
    return {"components": [{"type": 1, "components": list(components)}], "content": "x"}


def button(number: int = 0, **fields: object) -> Json:
    return {"type": 2, "style": 1, "label": "L", "custom_id": f"b{number}", **fields}


def select(count: int, **fields: object) -> Json:
    options = [{"label": f"o{number}", "value": str(number)} for number in range(count)]
    return {"type": 3, "custom_id": "s", "options": options, **fields}


def embed_fields(count: int, *, name: str = "n", value: str = "v") -> Json:
    return embed(fields=[{"name": name, "value": value}] * count)


def rows(count: int) -> Json:
    return {"components": [{"type": 1, "components": [button(number)]} for number in range(count)]}


def choices(count: int) -> list[Json]:
    return [{"name": str(number), "value": str(number)} for number in range(count)]


def suggest(*items: Json) -> Json:
    return {"type": 8, "data": {"choices": list(items)}}


def form(title: str) -> Json:
    inner = {"type": 1, "components": [{"type": 4, "custom_id": "t", "style": 1, "label": "l"}]}
    return {"type": 9, "data": {"custom_id": "m", "title": title, "components": [inner]}}


def options(count: int, **fields: object) -> list[Json]:
    return [option(name=f"o{number}", **fields) for number in range(count)]


def long_choices(name: int, value: int) -> list[Json]:
    return [{"name": "n" * name, "value": f"{number}" * value} for number in range(2)]


def message(name: str, inside: Json, outside: Json) -> Limit:
    return Limit(name, "POST", MESSAGES, inside, outside)


def callback(name: str, inside: Json, outside: Json) -> Limit:
    return Limit(name, "POST", CALLBACK, inside, outside)


def of_command(name: str, inside: Json, outside: Json) -> Limit:
    return Limit(name, "PUT", COMMANDS, [command(**inside)], [command(**outside)])


DOUBLE_SELECT = select(1, options=[{"label": "a", "value": "1"}, {"label": "b", "value": "1"}])

LIMITS = [
    message("content of 2000", {"content": "x" * 2000}, {"content": "x" * 2001}),
    message("something to send", {"content": "x"}, {"content": "  "}),
    message("embed title of 256", embed(title="x" * 256), embed(title="x" * 257)),
    message("embed description of 4096", embed(description="x" * 4096), embed(description="x" * 4097)),
    message("25 fields", embed_fields(25), embed_fields(26)),
    message("field name of 256", embed_fields(1, name="x" * 256), embed_fields(1, name="x" * 257)),
    message("field value of 1024", embed_fields(1, value="x" * 1024), embed_fields(1, value="x" * 1025)),
    message("field value not blank", embed_fields(1, value="\u200b"), embed_fields(1, value=" ")),
    message("footer of 2048", embed(footer={"text": "x" * 2048}), embed(footer={"text": "x" * 2049})),
    message("author of 256", embed(author={"name": "x" * 256}), embed(author={"name": "x" * 257})),
    message(
        "6000 in all", {"embeds": [{"description": "x" * 3000}] * 2}, {"embeds": [{"description": "x" * 3001}] * 2}
    ),
    message("10 embeds", {"embeds": [{"title": "t"}] * 10}, {"embeds": [{"title": "t"}] * 11}),
    message("5 rows", rows(5), rows(6)),
    message("5 buttons in a row", row(*map(button, range(5))), row(*map(button, range(6)))),
    message("custom_id of 100", row(button(custom_id="x" * 100)), row(button(custom_id="x" * 101))),
    message("custom_id used once", row(button(1), button(2)), row(button(1), button(1))),
    message("button label of 80", row(button(label="x" * 80)), row(button(label="x" * 81))),
    message("25 options of a select", row(select(25)), row(select(26))),
    message("select alone in its row", row(select(2)), row(select(2), button())),
    message("select values used once", row(select(2)), row(DOUBLE_SELECT)),
    message("placeholder of 150", row(select(1, placeholder="x" * 150)), row(select(1, placeholder="x" * 151))),
    Limit("edit: content of 2000", "PATCH", ORIGINAL, {"content": "x" * 2000}, {"content": "x" * 2001}),
    callback("25 suggestions", suggest(*choices(25)), suggest(*choices(26))),
    callback(
        "suggestion of 100", suggest({"name": "x" * 100, "value": "v"}), suggest({"name": "x" * 101, "value": "v"})
    ),
    callback(
        "suggested value of 100", suggest({"name": "n", "value": "x" * 100}), suggest({"name": "n", "value": "x" * 101})
    ),
    callback("form title of 45", form("x" * 45), form("x" * 46)),
    of_command("name in lower case", {"name": "plan"}, {"name": "Plan"}),
    of_command("name without spaces", {"name": "gpu-plan"}, {"name": "gpu plan"}),
    of_command("name of 32", {"name": "x" * 32}, {"name": "x" * 33}),
    of_command("name in another script", {"name": "规划"}, {"name": "规 划"}),
    of_command("description of 100", {"description": "x" * 100}, {"description": "x" * 101}),
    of_command("description present", {}, {"description": ""}),
    of_command(
        "option description of 100",
        {"options": [option(description="x" * 100)]},
        {"options": [option(description="x" * 101)]},
    ),
    of_command("25 options", {"options": options(25)}, {"options": options(26)}),
    of_command("option names used once", {"options": options(2)}, {"options": [option(), option()]}),
    of_command(
        "required options first",
        {"options": [option(required=True), option(name="b")]},
        {"options": [option(), option(name="b", required=True)]},
    ),
    of_command("25 choices", {"options": [option(choices=choices(25))]}, {"options": [option(choices=choices(26))]}),
    of_command(
        "suggestions or choices",
        {"options": [option(autocomplete=True)]},
        {"options": [option(autocomplete=True, choices=choices(1))]},
    ),
    of_command("known locale", {"name_localizations": {"zh-CN": "规划"}}, {"name_localizations": {"zh": "规划"}}),
    of_command(
        "translated name in lower case",
        {"name_localizations": {"de": "planen"}},
        {"name_localizations": {"de": "Planen"}},
    ),
    of_command(
        "8000 characters in all",
        {"options": options(25, description="x" * 100, choices=long_choices(80, 20))},
        {"options": options(25, description="x" * 100, choices=long_choices(100, 99))},
    ),
    Limit("command names used once", "PUT", COMMANDS, [command(), command(name="b")], [command(), command()]),
]


def each_limit() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("limit", LIMITS, ids=[limit.name for limit in LIMITS])


@pytest.fixture
def openapi(request: pytest.FixtureRequest) -> OpenApi:
    found = find_openapi()
    if found is None:
        request.getfixturevalue("shared_folder")
        pytest.skip("there is no copy of Discord's OpenAPI document: name one in R1PLAN_DISCORD_OPENAPI")
    return found


@each_limit()
def test_a_body_inside_a_limit_is_taken_and_one_outside_is_refused(limit: Limit) -> None:
    assert written_problems(limit.method, limit.template, limit.inside) == []
    assert written_problems(limit.method, limit.template, limit.outside) != []


@each_limit()
def test_discords_own_schema_takes_what_is_inside_a_limit(limit: Limit, openapi: OpenApi) -> None:
    assert openapi.request_problems(limit.method, limit.template, limit.inside) == []


def test_the_schema_alone_would_let_half_of_the_limits_pass(openapi: OpenApi) -> None:
    caught = [limit.name for limit in LIMITS if openapi.request_problems(limit.method, limit.template, limit.outside)]

    assert len(LIMITS) == 42
    assert len(caught) == 22


@pytest.mark.parametrize(
    ("template", "body"),
    [
        (MESSAGES, embed(title=5)),
        (MESSAGES, {"content": "x", "flags": "soon"}),
        (MESSAGES, {"content": ["x"]}),
        (MESSAGES, {"content": "x", "components": [5]}),
        (MESSAGES, {"content": "x", "embeds": 5}),
        (MESSAGES, ["x"]),
        (CALLBACK, {"type": 8, "data": {"choices": "l4"}}),
        (CALLBACK, {"type": 9, "data": []}),
        (CALLBACK, []),
        (COMMANDS, {"name": "plan"}),
        (COMMANDS, [command(options=[5])]),
        (COMMANDS, [command(name=5)]),
    ],
)
def test_what_is_of_a_wrong_type_is_refused_with_the_schema_and_without(template: str, body: Any) -> None:  # noqa: ANN401
    method = "PUT" if template == COMMANDS else "POST"

    assert request_problems(method, template, body, openapi=None) != []
    assert request_problems(method, template, body, openapi=find_openapi()) != []


def test_a_refusal_names_the_place_of_each_problem() -> None:
    problems: Sequence[Problem] = written_problems("POST", MESSAGES, embed(title="x" * 257))
    error = as_discord_error(problems)

    assert error["code"] == 50035
    assert error["errors"]["embeds"]["0"]["title"]["_errors"][0]["code"] == "BASE_TYPE_BAD_LENGTH"


def test_an_empty_message_has_an_error_of_its_own() -> None:
    assert as_discord_error([Problem(("content",), EMPTY_MESSAGE, "")])["code"] == 50006
