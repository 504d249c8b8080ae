"""What the rules have understood so far."""

from collections.abc import Sequence

from planner.fit_request import FIT_FIELDS
from planner.question.names import GpuName, Names
from planner.question.question import Ambiguity, FieldValue, Value
from planner.question.sentence import Lexeme, Sentence
from planner.request_fields import FIELDS

_LARGEST_WHOLE = 1e12
_LEAST_PRODUCT_NUMBER = 1000
_ONE_VALUE = {name for name, field in {**FIT_FIELDS, **FIELDS}.items() if not field.repeats} | {"tensor_parallel_size"}
"""Fields that hold one value: two that differ are asked back."""


class Reading:
    """Fields said so far, in the order they were said, with the sentence they come from."""

    def __init__(self, sentence: Sentence, names: Names) -> None:
        """Begin with nothing understood."""
        self.sentence = sentence
        self.names = names
        self._said: dict[str, list[Value]] = {}
        self._places: dict[str, list[tuple[int, int]]] = {}
        self.ambiguous: list[Ambiguity] = []
        self.refused: list[tuple[int, int]] = []
        self.permitted: list[tuple[str, str]] = []
        self.has_model = False
        self.named_gpus: dict[str, list[GpuName]] = {}
        """GPUs by a name already asked for."""
        self.unwanted_pricing: set[str] = set()
        self.is_single = False
        self.compares = False

    def say(self, field: str, value: Value, *, start: int, end: int | None = None) -> None:
        """Keep a value of `field` and take the lexemes that said it."""
        stop = start + 1 if end is None else end
        values = self._said.setdefault(field, [])
        if value not in values:
            values.append(value)
        self._places.setdefault(field, []).append(self.span(start, stop))
        self.sentence.take(start, stop)

    def say_at(self, field: str, values: Sequence[Value], place: tuple[int, int]) -> None:
        """Keep values of `field` that `place` in the text says, outside the lexemes."""
        said = self._said.setdefault(field, [])
        said += [value for value in values if value not in said]
        self._places.setdefault(field, []).append(place)

    def say_whole(self, field: str, number: float, *, start: int, end: int | None = None) -> None:
        """Keep a whole number; what is none is refused."""
        if abs(number) > _LARGEST_WHOLE or number != int(number):
            self.refuse(start, start + 1 if end is None else end)
            return
        self.say(field, int(number), start=start, end=end)

    def refuse(self, start: int, end: int) -> None:
        """List the lexemes from `start` to `end` as not understood."""
        self.refused.append(self.span(start, end))
        self.sentence.take(start, end)

    def doubt(self, readings: Sequence[dict[str, FieldValue]], *, start: int, end: int) -> None:
        """Ask which of `readings` is meant by the lexemes from `start` to `end`."""
        first, last = self.span(start, end)
        self.ambiguous.append(Ambiguity(text=self.sentence.text[first:last], readings=tuple(readings)))
        self.sentence.take(start, end)

    def has(self, field: str) -> bool:
        """Return whether `field` was said."""
        return field in self._said

    def may_have(self, field: str) -> bool:
        """Return whether `field` was said, or is in a reading of what is asked back."""
        return self.has(field) or any(field in found for doubt in self.ambiguous for found in doubt.readings)

    def values(self, field: str) -> list[Value]:
        """Return what was said of `field`."""
        return self._said.get(field, [])

    def places(self, field: str) -> list[tuple[int, int]]:
        """Return where in the text `field` was said, one place for each time."""
        return self._places.get(field, [])

    @property
    def has_unknown_name(self) -> bool:
        """Return whether something is named like a product ("h20", "4080 super") that nobody here knows."""
        sentence = self.sentence
        if sentence.has("brand|(number|gpu) variant|variant gpu", at_first=True):
            return True
        if any(lexeme.kind == "unknown" and lexeme.value == "name" for lexeme in sentence.lexemes):
            return True
        return any(sentence.number(match.start) >= _LEAST_PRODUCT_NUMBER for match in sentence.find("number"))

    def forget(self, field: str) -> None:
        """Drop what was said of `field`."""
        self._said.pop(field, None)

    def replace(self, field: str, values: Sequence[Value]) -> None:
        """Put `values` for what was said of `field`."""
        self._said[field] = list(values)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original text of the lexemes from `start` to `end`."""
        lexemes: list[Lexeme] = self.sentence.lexemes
        return lexemes[start].start, lexemes[end - 1].end

    def fields(self) -> dict[str, FieldValue]:
        """Return the fields, one value or a list; what holds one value and was given two is asked back."""
        settled: dict[str, FieldValue] = {}
        for field, values in self._said.items():
            if len(values) == 1:
                settled[field] = values[0]
            elif field in _ONE_VALUE:
                places = self._places[field]
                first, last = min(start for start, _ in places), max(end for _, end in places)
                readings: list[dict[str, FieldValue]] = [{field: value} for value in values]
                self.ambiguous.append(Ambiguity(text=self.sentence.text[first:last], readings=tuple(readings)))
            else:
                settled[field] = list(values)
        return settled
