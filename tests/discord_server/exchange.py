"""One REST request of the bot and the answer to it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.discord_server.rules.problem import Json


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that came with a request; `number` is the one by which the JSON names it."""

    number: str
    name: str
    content: bytes


@dataclass(kw_only=True)
class Exchange:
    """A request as it came in and the status that it got; `why` says what was refused.

    `template` is the path with its parameters in braces, `parameters` their values; `at` is in seconds of the
    monotonic clock.
    """

    method: str
    path: str
    template: str = ""
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    query: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    files: list[File] = field(default_factory=list[File])
    status: int = 0
    why: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the stand-in answers; without a body it is a 204."""

    status: int = 200
    body: Json | list[Json] | None = None


NO_CONTENT = Answer(status=204)


def refuse(status: int, code: int, message: str) -> Answer:
    """Return Discord's error with its own `code` (from its table of JSON error codes)."""
    return Answer(status=status, body={"message": message, "code": code})
