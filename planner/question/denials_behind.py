"""Denials behind a name: "the A100 is out", "H100? no thanks", "AMD 不要"."""

from typing import Final

from planner.question.excluding import DECORATION, TARGET_KINDS, TARGETS, say_excluded
from planner.question.reading import Reading
from planner.question.sentence import Match, Sentence
from planner.question.text import LISTING, has_han

_MOST_LISTED: Final = 6
_NOT_DENIED: Final = frozenset(
    {
        "comma", "stop", "slash", "hourly", "hour", "monthly", "month", "tokens_amount", "size", "family",
        "which", "recommend",
        "objective", "budget", "money", "batch", "user", "concurrent", "at_once", "rate_amount", "at_most",
        "at_least", "ttft",
        "speed", "no", "", "taken", "in", "only",
    }
)  # fmt: skip
"""What no "no" before it denies."""


def read_denials_behind(reading: Reading) -> None:
    """Read "the A100 is out", "H100? no thanks", and "AMD 不要" and "A100 就别推荐了", as Chinese has it."""
    sentence = reading.sentence
    for match in sentence.find(f"{TARGETS} {DECORATION} stop? no_after"):
        _exclude_before(reading, match.start, match.end)
    # From the last one: "A100 不考虑 AMD 不要" denies both from behind.
    for match in reversed(list(sentence.find(f"({TARGETS}|unknown) device? no"))):
        if has_han(sentence.lexemes[match.end - 1].text) and _stands_behind(sentence, match.end):
            _exclude_before(reading, match.start, match.end)


def _targets(sentence: Sentence, start: int, stop: int) -> list[int]:
    return [index for index in range(start, stop) if sentence.kind(index) in TARGET_KINDS]


def exclude_named_before(reading: Reading) -> None:
    """Read "Vast and RunPod let me down. Without those two: ..." as what was named before, of the nearest kind.

    Where none was, "neither of them: Vast or RunPod" lists them behind.
    """
    sentence = reading.sentence
    for match in sentence.find("no_those"):
        named = _targets(sentence, 0, match.start) or _targets(sentence, match.end, match.end + _MOST_LISTED)
        if not named:
            reading.refuse(match.start, match.end)
        for index in named:
            if sentence.kind(index) == sentence.kind(named[-1]):
                say_excluded(reading, index, Match(start=index, end=index + 1))
        sentence.take(match.start, match.end)


def _stands_behind(sentence: Sentence, following: int) -> bool:
    """Return whether a Chinese "no" denies what is before it, by what follows: nothing, or what no "no" denies."""
    is_finished = sentence.text.startswith("了", sentence.lexemes[following - 1].end)
    if is_finished or sentence.kind(following) in _NOT_DENIED:
        return True
    # "A100 不要 按需": a space parts them, but "4090 不要 A100" is spaced as Latin names are.
    after = sentence.lexemes[following]
    return after.gap == " " and (has_han(after.text) or sentence.kind(following) not in TARGET_KINDS)


def _exclude_before(reading: Reading, target: int, end: int) -> None:
    """Exclude the target of a denial behind it, and those listed before it: "A100, H100 and L40S are out"."""
    sentence = reading.sentence
    targets = [target]
    kind = sentence.kind(target)
    joints: set[str] = set()
    while (before := sentence.kind(targets[-1] - 2)) in TARGET_KINDS or before == "unknown":
        if "unknown" not in {kind, before} and kind != before:
            break
        joint = targets[-1] - 1
        joints.add("and" if sentence.lexemes[joint].text == LISTING else sentence.kind(joint))
        if not joints <= {"and", "or", "slash", "comma"} or joints == {"comma"}:
            break
        targets.append(joint - 1)
        kind = before if kind == "unknown" else kind
    for index in reversed(targets):
        if sentence.kind(index) == "unknown":
            reading.refuse(index, index + 1)
        else:
            say_excluded(reading, index, Match(start=index, end=index + 1))
    sentence.take(targets[-1], end)
