"""What is wrong with a body, and how Discord says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]
Path = tuple[str | int, ...]

BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"
EMPTY_MESSAGE = "EMPTY_MESSAGE"


class Problem(NamedTuple):
    """One thing that is wrong: where in the body, Discord's code for it, and what was allowed."""

    path: Path
    code: str
    message: str

    def under(self, *path: str | int) -> Problem:
        """Return the same problem seen from further out."""
        return self._replace(path=(*path, *self.path))


def under(problems: Iterable[Problem], *path: str | int) -> list[Problem]:
    """Return all problems seen from further out."""
    return [problem.under(*path) for problem in problems]


def check_length(body: Json, name: str, most: int, *, least: int = 0) -> list[Problem]:
    """Return a problem where the text or list `name` is there and shorter than `least` or longer than `most`."""
    value = body.get(name)
    if value is None or least <= len(value) <= most:
        return []
    return [Problem((name,), BAD_LENGTH, f"{least} to {most}, not {len(value)}")]


def as_discord_error(problems: Sequence[Problem]) -> Json:
    """Return the body of the 400 that Discord answers."""
    if [problem.code for problem in problems] == [EMPTY_MESSAGE]:
        return {"message": "Cannot send an empty message", "code": 50006}
    tree: Json = {}
    for path, code, message in problems:
        node = tree
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return {"message": "Invalid Form Body", "code": 50035, "errors": tree}
