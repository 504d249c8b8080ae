"""Which model: a name, or parts of one in any order ("70b", "the 0528 qwen3", "llama distill")."""

from functools import lru_cache
from typing import Final

from msgspec import Struct

from planner.question.names import ModelName
from planner.question.question import FieldValue
from planner.question.reading import Reading
from planner.question.text import cut
from planner.request import DEFAULT_MODEL

_OWN_PARTS: Final = frozenset({"deepseek", "r1", "distill", "0528"})
"""Parts that only the default family bears."""

_NEUTRAL_PARTS: Final = frozenset({"deepseek", "r1", "distill"})
"""Parts that all of the default family bear, whether or not their names say so."""

_JOINTS: Final = frozenset({"versus", "or", "and", "comma", "slash"})
_SIDE_BY_SIDE: Final = _JOINTS | {"model", "family", "size", "plus", "compare", "which", "parameter", "range"}
"""What may stand between the sizes of a list of models."""

_DEFAULT_SIZE: Final = "8b"


class _Said(Struct, kw_only=True):
    """What is said of one model: parts of its name, whole names, sizes, and where."""

    parts: set[str] = set()
    named: list[str] = []
    sizes: set[str] = set()
    places: list[int] = []

    def add(self, other: "_Said") -> None:
        """Take in what `other` says."""
        self.parts |= other.parts
        self.named += other.named
        self.sizes |= other.sizes
        self.places += other.places


def read_models(reading: Reading) -> None:
    """Read the models; the default pair sets no field, a size that no model has is refused."""
    _refuse_unknown(reading)
    said = _split(reading)
    whole = _Said()
    for one in said:
        whole.add(one)
    if not whole.places:
        return
    reading.has_model = True
    is_own = bool(whole.parts & _OWN_PARTS)
    distinct = [one for one in said if one.named or one.parts - _NEUTRAL_PARTS]
    for one in said if len(distinct) > 1 else [whole]:
        _read_one(reading, one, is_own=is_own)


def _refuse_unknown(reading: Reading) -> None:
    """Refuse "Gemma 7b" and "8x7b": the size is that of a model that nobody here knows."""
    sentence = reading.sentence
    for match in sentence.find("unknown size|number times size"):
        size = sentence.lexemes[match.end - 1]
        is_mixture = sentence.kind(match.start) == "number" and sentence.touches(match.start, match.end)
        if is_mixture or (sentence.kind(match.start) == "unknown" and f"{size.number:g}b" != _DEFAULT_SIZE):
            reading.refuse(match.start, match.end)
            reading.has_model = True


def _split(reading: Reading) -> list[_Said]:
    """Return what is said of models, cut where "or", "versus" or a comma stands between."""
    sentence = reading.sentence
    said: list[_Said] = []
    for match in sentence.find("(model|family|size)"):
        lexeme = sentence.lexemes[match.start]
        one = _Said(places=[match.start])
        if lexeme.kind == "family":
            one.parts = set(lexeme.value.split())
        elif lexeme.kind == "model":
            one.named = [lexeme.value]
        else:
            one.sizes = {f"{lexeme.number:g}b"}
            if not _of_size(reading.names.models, *one.sizes):
                reading.refuse(match.start, match.end)
                continue
        sentence.take(match.start, match.end)
        between = range(said[-1].places[-1] + 1, match.start) if said else range(0)
        if said and not any(sentence.first_kind(index) in _JOINTS for index in between):
            said[-1].add(one)
        else:
            said.append(one)
    return said


def _read_one(reading: Reading, said: _Said, *, is_own: bool) -> None:
    own = [model for model in reading.names.models if model.is_deepseek_r1]
    if said.named:
        chosen = [_own_namesake(own, name) if is_own else name for name in dict.fromkeys(said.named)]
        for name in dict.fromkeys(chosen):
            reading.say("model", name, start=said.places[0])
        return
    _choose(reading, own, said.parts - _NEUTRAL_PARTS, said.sizes, said.places, is_own=is_own)


def _choose(
    reading: Reading, own: list[ModelName], parts: set[str], sizes: set[str], places: list[int], *, is_own: bool
) -> None:
    found: list[str] = []
    if len(sizes) > 1:
        default = [model.model_id for model in _matching(own, set(), _DEFAULT_SIZE)]
        for size in sorted(sizes):
            of_size = [model.model_id for model in _matching(own, parts, size)]
            found += [DEFAULT_MODEL] if of_size == default else of_size
        between = {reading.sentence.first_kind(index) for index in range(places[0], places[-1])}
        if len(found) > 1 and not between <= _SIDE_BY_SIDE:
            # "I run a 7B now and want to move to 8B": one of them is meant, and nothing says which.
            either: list[dict[str, FieldValue]] = [{"model": name} for name in found]
            reading.doubt(either, start=places[0], end=places[0] + 1)
            return
        for name in found:
            reading.say("model", name, start=places[0])
        return
    size = next(iter(sizes), _DEFAULT_SIZE)
    found_own = _matching(own, parts, size)
    if not found_own:
        found_own = _matching(own, parts, "") if not sizes else []
    found = [model.model_id for model in found_own]
    if found == [model.model_id for model in _matching(own, set(), _DEFAULT_SIZE)]:
        return
    if not found:
        reading.refuse(places[0], places[-1] + 1)
        return
    others = (
        []
        if is_own or not parts
        else [m.model_id for m in _matching(reading.names.models, parts, size) if m not in own]
    )
    if others:
        choices: list[dict[str, FieldValue]] = [{"model": name} for name in (*found, *others)]
        reading.doubt(choices, start=places[0], end=places[-1] + 1)
        return
    for name in found:
        reading.say("model", name, start=places[0])


@lru_cache(maxsize=512)
def _atoms(model_id: str) -> frozenset[str]:
    """Return the parts of an identifier: "qwen3" is also "qwen", "3.1" and "8b" stay whole."""
    words = set(model_id.split("-"))
    letters = ("".join(character for character in word if character.isalpha()) for word in words if word[0].isalpha())
    return frozenset((*words, *letters))


def _matching(models: list[ModelName] | tuple[ModelName, ...], parts: set[str], size: str) -> list[ModelName]:
    needed = {*parts, size} - {""}
    return [model for model in models if needed <= _atoms(model.model_id)]


def _of_size(models: tuple[ModelName, ...], size: str) -> list[ModelName]:
    return [model for model in models if model.is_deepseek_r1 and size in model.model_id.split("-")]


def _own_namesake(own: list[ModelName], name: str) -> str:
    """Return the model of the default family that `name` means when the family was named too ("0528 qwen3 8b")."""
    if any(model.model_id == name for model in own):
        return name
    words = {token.text for token in cut(name) if token.kind == "word" and len(token.text) > 1}
    size = name.rpartition("-")[2]
    found = [model.model_id for model in own if size in model.model_id.split("-") and words <= _words(model.model_id)]
    return found[0] if len(found) == 1 else name


def _words(model_id: str) -> set[str]:
    return {token.text for token in cut(model_id) if token.kind == "word"}
