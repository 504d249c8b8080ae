"""Words with one slip of the finger: a letter missing, doubled, wrong or swapped with its neighbour."""

from collections.abc import Iterable

SHORTEST = 5
SHORTEST_SWAPPED = 3
LONGEST = 24


def _shortened(word: str) -> set[str]:
    return {word[:cut] + word[cut + 1 :] for cut in range(len(word))}


class Spelling:
    """Known words, found again from a spelling that differs by one slip.

    In words of three and four letters only a swap of neighbours is mended: every other slip makes another word of them.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Index `words` by what is left of them when one letter is taken out."""
        self._index: dict[str, set[str]] = {}
        self._by_letters: dict[str, set[str]] = {}
        for word in words:
            if SHORTEST_SWAPPED <= len(word) < SHORTEST:
                self._by_letters.setdefault("".join(sorted(word)), set()).add(word)
            if SHORTEST <= len(word) <= LONGEST:
                for key in {word, *_shortened(word)}:
                    self._index.setdefault(key, set()).add(word)

    def mend(self, word: str) -> list[str]:
        """Return the known words that `word` is one slip away from, sorted; the first letter is never the slip."""
        if not SHORTEST_SWAPPED <= len(word) <= LONGEST:
            return []
        near: set[str] = set()
        if len(word) < SHORTEST:
            near = self._by_letters.get("".join(sorted(word)), near)
            return sorted(known for known in near if known[0] == word[0] and _is_one_slip(word, known))
        for key in {word, *_shortened(word)}:
            near |= self._index.get(key, set())
        return sorted(known for known in near if known[0] == word[0] and _is_one_slip(word, known))


def _is_one_slip(one: str, other: str) -> bool:
    """Return whether one letter more, less, changed or swapped with its neighbour turns `one` into `other`."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    rest, target = one[same:], other[same:]
    if len(rest) == len(target):
        swapped = rest[1:2] + rest[:1] + rest[2:]
        return rest[1:] == target[1:] or swapped == target
    return rest[1:] == target or rest == target[1:]
