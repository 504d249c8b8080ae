"""Engine versions as engines write them, comparable."""

import re
from typing import TypeAlias

from planner.errors import InvalidRequest

Version: TypeAlias = tuple[int, ...]
"""A release's numbers: (0, 19, 0)."""

_PARTS = 3
_LAST_PATCH = 99
_NUMBERS = re.compile(r"v?([0-9]{1,9}(?:\.[0-9]{1,9})*)")


def parse_version(text: str) -> Version:
    """Return the numbers that `text` begins with; a series without a patch number means its last release.

    "0.19.0" is (0, 19, 0), "0.19.x (2026-02)" and "0.19" are (0, 19, 99).

    Raises:
        InvalidRequest: it begins with no number.
    """
    match = _NUMBERS.match(text.strip())
    if match is None:
        raise InvalidRequest(
            f"{text[:40]!r} is not an engine version",
            code="invalid_engine_version",
            field="engine_version",
            allowed="numbers with dots, such as 0.33.0",
        )
    numbers = tuple(int(number) for number in match[1].split("."))
    return numbers if len(numbers) >= _PARTS else (*numbers, _LAST_PATCH)


def check_range(text: str, *, engine: str, lowest: Version, newest: str) -> Version:
    """Return the version that `text` names, if the rules here know it.

    Raises:
        InvalidRequest: it is older or newer than the rules.
    """
    version = parse_version(text)
    if lowest <= version[: len(lowest)] and version[:2] <= parse_version(newest)[:2]:
        return version
    oldest = ".".join(map(str, lowest))
    raise InvalidRequest(
        f"{engine} {text[:40]} is outside the versions whose memory rules are known",
        code="invalid_engine_version",
        field="engine_version",
        allowed=f"{oldest} to {newest}",
        nearest=(oldest if version < lowest else newest,),
    )
