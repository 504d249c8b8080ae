"""Discord's published OpenAPI document as a judge of requests and of the stand-in's own answers.

The document is Discord's (github.com/discord/discord-api-spec, specs/openapi.json, MIT) and not part of this project:
tests find it by the environment variable R1PLAN_DISCORD_OPENAPI or in the material folder beside the checkout.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType] - it has no annotations

from tests.discord_server.rules.problem import BAD_LENGTH, REQUIRED, Json, Problem
from tests.require_all import SHARED_FOLDER

VARIABLE = "R1PLAN_DISCORD_OPENAPI"

_CODES = {
    "maxLength": BAD_LENGTH,
    "minLength": BAD_LENGTH,
    "maxItems": BAD_LENGTH,
    "required": REQUIRED,
    "enum": "BASE_TYPE_CHOICES",
}


def find_openapi() -> OpenApi | None:
    """Return the document, or None where there is none on this machine."""
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else SHARED_FOLDER / "data" / "discord-openapi.json"
    return _read(path) if named or path.is_file() else None


class OpenApi:
    """The schemas of Discord's requests and answers.

    Three of its statements are read more loosely, as the live API does: "one of" as "any of" (several branches
    overlap), integers as digits in a text too, and snowflakes as numbers too (discord.py sends some that way).
    """

    def __init__(self, document: Json) -> None:
        self._paths: Json = document["paths"]
        self._components: Json = document["components"]
        self._components["schemas"]["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
        self._validators: dict[tuple[str, ...], Validator | None] = {}

    def request_problems(self, method: str, template: str, body: Any) -> list[Problem]:  # noqa: ANN401 - any JSON
        """Return what the schema refuses in the body of a request."""
        return self._problems((method, template), body)

    def answer_problems(self, method: str, template: str, status: int, body: Any) -> list[Problem]:  # noqa: ANN401
        """Return where an answer of the stand-in is not shaped as Discord's."""
        return self._problems((method, template, str(status)), body)

    def _problems(self, key: tuple[str, ...], body: Any) -> list[Problem]:  # noqa: ANN401 - any JSON
        if key not in self._validators:
            self._validators[key] = self._make_validator(*key)
        validator = self._validators[key]
        errors: Iterable[ValidationError] = validator.iter_errors(body) if validator else ()
        return [_problem(_deepest(error)) for error in errors]

    def _make_validator(self, method: str, template: str, status: str = "") -> Validator | None:
        operation: Json = self._paths.get(template, {}).get(method.lower(), {})
        if status:
            answers: Json = operation.get("responses", {})
            part: Json = answers.get(status) or answers.get(f"{status[0]}XX") or {}
        else:
            part = operation.get("requestBody", {})
        content: Json = part.get("content", {}).get("application/json")
        if not content:
            return None
        return _validator_class()({**content["schema"], "components": self._components}, format_checker=FormatChecker())


@cache
def _read(path: Path) -> OpenApi:
    return OpenApi(json.loads(path.read_text()))


@cache
def _validator_class() -> type[Validator]:
    def is_integer(_checker: TypeChecker, value: object) -> bool:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return is_number or (isinstance(value, str) and value.lstrip("-").isdigit())

    extended = extend(  # pyright: ignore[reportUnknownVariableType] - as above
        Draft202012Validator,
        {"oneOf": Draft202012Validator.VALIDATORS["anyOf"]},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", is_integer),
    )
    return cast("type[Validator]", extended)


def _problem(error: ValidationError) -> Problem:
    return Problem(tuple(error.absolute_path), _CODES.get(str(error.validator), "INVALID"), error.message[:160])


def _deepest(error: ValidationError) -> ValidationError:
    """Return the error of the branch that got furthest; branches for another kind of thing do not count."""
    while error.context:
        others = {inner.schema_path[0] for inner in error.context if _is_other_kind(inner)}
        branches = [inner for inner in error.context if inner.schema_path[0] not in others] or list(error.context)
        error = max(branches, key=lambda inner: (not _is_other_kind(inner), len(inner.absolute_path)))
    return error


def _is_other_kind(error: ValidationError) -> bool:
    return error.validator in ("enum", "const") and list(error.path)[-1:] == ["type"]
