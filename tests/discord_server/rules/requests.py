"""What is wrong with a request: by Discord's own schema where it is at hand, then by the written limits."""

from __future__ import annotations

from typing import Any

from tests.discord_server.openapi import OpenApi
from tests.discord_server.rules.commands import choice_problems, commands_problems
from tests.discord_server.rules.messages import message_problems
from tests.discord_server.rules.problem import BAD_LENGTH, Json, Problem, check_length, under

MESSAGE, AUTOCOMPLETE, UPDATE, MODAL = 4, 8, 7, 9


def request_problems(method: str, template: str, body: Any, *, openapi: OpenApi | None) -> list[Problem]:  # noqa: ANN401
    """Return what Discord would refuse in a body; `template` is the path with its parameters in braces."""
    misshapen = openapi.request_problems(method, template, body) if openapi else []
    return misshapen or written_problems(method, template, body)


def written_problems(method: str, template: str, body: Any) -> list[Problem]:  # noqa: ANN401 - any JSON may arrive
    """Return what breaks a written limit; what has another type than the limit speaks of is a problem too."""
    try:
        return _written_problems(method, template, body)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [Problem((), "BASE_TYPE", f"something is of another type: {error}")]


def _written_problems(method: str, template: str, body: Any) -> list[Problem]:  # noqa: ANN401 - any JSON may arrive
    if template.endswith("/commands"):
        return commands_problems(body)
    if template.endswith("/callback"):
        return _callback(body)
    if "/messages" in template or template.startswith("/webhooks"):
        return message_problems(body, is_edit=method == "PATCH")
    return []


def _callback(body: Json) -> list[Problem]:
    kind: int | None = body.get("type")
    data: Json = body.get("data") or {}
    if kind in (MESSAGE, UPDATE):
        return under(message_problems(data, is_edit=kind == UPDATE), "data")
    if kind == AUTOCOMPLETE:
        return under(choice_problems(data.get("choices") or []), "data")
    if kind == MODAL:
        return under(_modal(data), "data")
    return []


def _modal(modal: Json) -> list[Problem]:
    has_both = modal.get("title") and modal.get("components")
    problems = [] if has_both else [Problem((), BAD_LENGTH, "a title and 1 to 5 components")]
    return [*problems, *check_length(modal, "title", 45), *check_length(modal, "components", 5)]
