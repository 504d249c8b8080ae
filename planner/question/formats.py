"""How weights and KV cache are stored. A format beside "kv" is the cache's, every other one the weights'."""

import re
from typing import Final

from planner.question.question import FieldValue
from planner.question.reading import Reading
from planner.question.sentence import Match

_FORMAT: Final = "(weight_format|weight_bits|kv_cache_dtype|bits_amount)"
_BITS: Final = "(bits_amount|weight_bits)"
_FORMAT_KINDS: Final = ("weight_format", "weight_bits", "kv_cache_dtype", "bits_amount")
_JOIN: Final = "(weights|quantized|in|at|to|on|stop|equals|only|run|can|requirement|for)*"
_BITS_OF_WEIGHTS: Final = frozenset({1, 2, 3, 4, 5, 6, 8, 16})
_NUMBER: Final = re.compile(r"\d+")
_WIDTHS: Final = (4, 5, 6, 8, 16)
_GGUF_ENGINES: Final = frozenset({"llama.cpp", "ollama"})
_HALF_BITS: Final = 16
_LIMITED: Final = "(number|tokens_amount|money|rate_amount|memory_amount|pair)"
_LIMITED_KINDS: Final = frozenset(_LIMITED.strip("()").split("|"))
"""What a limit belongs to where it stands before it."""

_ENDS: Final = frozenset({".", ";", "!", "?"})
_TIED: Final = "-"
"""What stands before a lexeme that a hyphen or an equals sign ties to the one before."""


def read_formats(reading: Reading) -> None:
    """Read KV cache dtypes first, then weight formats, then bits."""
    _read_several_widths(reading)
    _refuse_floors(reading)
    _read_cache(reading)
    _read_weights(reading)


def _read_cache(reading: Reading) -> None:
    sentence = reading.sentence
    _read_both(reading)
    for match in sentence.find(f"kv (stop|equals) {_FORMAT}|kv to {_FORMAT}"):
        if sentence.lexemes[match.start + 1].text not in _ENDS:
            _say_kv(reading, match.end - 1, match)
    for match in sentence.find(f"{_FORMAT} (quantized|weights|for)* kv"):
        is_flag = sentence.lexemes[match.end - 1].value == "flag"
        is_typed_behind = sentence.kind(match.end) in _FORMAT_KINDS and _kv_dtypes(reading, match.end)
        if not is_flag and not (_says_type(reading, match.end - 1) and is_typed_behind):
            _say_kv(reading, match.start, match)
    for match in sentence.find(f"kv+ {_JOIN} {_FORMAT}"):
        # "Model and cache with bf16 weights": the format is the weights' where the word stands behind it.
        names_weights = sentence.kind(match.end) == "weights" and "weight" in sentence.lexemes[match.end].text
        if not names_weights or sentence.kind(match.end + 1) in _FORMAT_KINDS:
            _say_kv(reading, match.end - 1, match)
    if sentence.has("requirement kv|kv requirement|(how_much|how_long|how_many) (can|requirement)* kv", at_first=True):
        # "Size of the KV cache for 32k in fp8": what is asked about is what the format belongs to.
        for match in sentence.find(f"(in|at) {_FORMAT} (?!weights)"):
            _say_kv(reading, match.end - 1, match)


def _read_both(reading: Reading) -> None:
    """Read what names both formats around one "kv": "bf16 weights, kv fp8", "bf16 kv=fp8"."""
    sentence = reading.sentence
    for match in sentence.find(f"{_FORMAT} weights (and|plus|slash|comma) kv (?!{_JOIN}{_FORMAT})"):
        index = sentence.first(match, *_FORMAT_KINDS)
        # "Bf16 weights and its cache" says nothing of how the cache is stored.
        if sentence.touches(match.start, match.end) and _say_kv(reading, index, match, take=False):
            _say_weights(reading, index, match)
    for match in sentence.find(f"{_FORMAT} weights kv {_FORMAT} (?!weights)"):
        if _say_kv(reading, match.end - 1, match, take=False):
            _say_weights(reading, match.start, match)
    for match in sentence.find(f"{_FORMAT} kv {_FORMAT} (?!weights|kv)"):
        kv, second = (sentence.lexemes[index] for index in range(match.start + 1, match.end))
        is_apart = kv.gap != _TIED and not sentence.touches(match.start, match.start + 2)
        if second.gap == _TIED or is_apart:
            # "Fp8 kv=fp16", "fp8 but kv fp16": the cache's stands behind it.
            _say_kv(reading, match.end - 1, Match(match.start + 1, match.end))
        elif kv.gap != _TIED and kv.value != "flag":
            _doubt_both(reading, match)


def _doubt_both(reading: Reading, match: Match) -> None:
    """Ask back which is the cache's in "bf16 kv fp8" and "4 bit kv q8_0", where it could be either."""
    ends = (match.start, match.end - 1)
    caches = [_kv_dtypes(reading, index) for index in ends]
    if all(caches) and caches[0] != caches[1]:
        readings = [
            {**_weights_of(reading, weights), "kv_cache_dtype": caches[ends.index(cache)][0]}
            for weights, cache in (ends, ends[::-1])
        ]
        reading.doubt(readings, start=match.start, end=match.end)


def _weights_of(reading: Reading, index: int) -> dict[str, FieldValue]:
    bits = _bits(reading, index)
    return {"weight_format": reading.sentence.lexemes[index].value} if bits is None else {"weight_bits": int(bits)}


def _read_weights(reading: Reading) -> None:
    sentence = reading.sentence
    for match in sentence.find("weights? (in|at|to)? weight_choice weights?"):
        value = sentence.lexemes[sentence.first(match, "weight_choice")].value
        known = [name for name in value.split("|") if name in reading.names.weight_formats]
        choices: list[dict[str, FieldValue]] = [{"weight_format": name} for name in known]
        reading.doubt(choices, start=match.start, end=match.end)
    for match in sentence.find(f"weights {_JOIN} {_FORMAT} weights*|{_FORMAT} weights*"):
        _say_weights(reading, sentence.first(match, *_FORMAT_KINDS), match)


def _read_several_widths(reading: Reading) -> None:
    """Read "at least 8 bit", "at most 6 bit" and "4 to 8 bit" as every width that this allows."""
    sentence = reading.sentence
    behind = "(?=(comma|stop)|(?!.))"
    for match in sentence.find(f"(at_least|min) {_BITS} weights? (?!kv)|{_BITS} weights? at_least"):
        _say_widths(reading, match, least=_width(reading, match))
    for match in sentence.find("(weight_bits|no) at_most bits_amount"):
        _say_widths(reading, match, least=sentence.number(match.end - 1))
    for match in sentence.find(f"(at_most|max) {_BITS} weights? (?!kv)|{_BITS} weights? at_most {behind}"):
        _say_widths(reading, match, most=_width(reading, match))
    for match in sentence.find("(from|between)? number (to|range|minus|or|slash|and) bits_amount weights? (?!kv)"):
        ends = [sentence.number(index) for index in sentence.indices(match, "number", "bits_amount")]
        if set(ends) <= set(_WIDTHS) and sentence.holds(match, "to", "range", "minus", "between"):
            _say_widths(reading, match, least=min(ends), most=max(ends))
        elif set(ends) <= set(_WIDTHS):
            for bits in ends:
                reading.say("weight_bits", int(bits), start=match.start, end=match.end)


def _width(reading: Reading, match: Match) -> float:
    return _bits(reading, reading.sentence.first(match, "bits_amount", "weight_bits")) or 0


def _say_widths(reading: Reading, match: Match, *, least: float = 0, most: float = _HALF_BITS) -> None:
    for bits in _WIDTHS:
        if least <= bits <= most:
            reading.say("weight_bits", bits, start=match.start, end=match.end)


def _refuse_floors(reading: Reading) -> None:
    """Refuse the "at least" of "at least q4_k_m" and "fp8 or better": which formats are better, no field says."""
    sentence = reading.sentence
    for match in sentence.find("(at_least|min) weight_format|weight_format weights? at_least"):
        bound = sentence.first(match, "at_least", "min")
        behind = bound > match.start and sentence.kind(match.end) in _LIMITED_KINDS
        if sentence.kind(bound) == "at_least" and not behind:
            reading.refuse(bound, bound + 1)


def read_unquantized_cache(reading: Reading) -> None:
    """Read "no kv quantization" as a cache of 16 bits, before the "no" is looked at by itself."""
    sentence = reading.sentence
    for match in sentence.find("no kv"):
        if any(word in sentence.lexemes[match.end - 1].text for word in ("quant", "量化")):
            reading.say("kv_cache_dtype", "fp16", start=match.start, end=match.end)


def _says_type(reading: Reading, index: int) -> bool:
    words = reading.sentence.lexemes[index].text.split()
    return bool(words) and words[-1] in {"dtype", "type", "in", "at", "k", "v"}


def _say_kv(reading: Reading, index: int, match: Match, *, take: bool = True) -> bool:
    """Say the KV cache dtype that the lexeme at `index` names; return whether it names one."""
    dtypes = _kv_dtypes(reading, index)
    if not dtypes:
        return False
    if len(dtypes) > 1 and not _is_eight_bits(reading, index):
        readings: list[dict[str, FieldValue]] = [{"kv_cache_dtype": dtype} for dtype in dtypes]
        reading.doubt(readings, start=match.start, end=match.end)
        return True
    for dtype in dtypes:
        reading.say("kv_cache_dtype", dtype, start=index)
    if take:
        reading.sentence.take(match.start, match.end)
    return True


def _is_eight_bits(reading: Reading, index: int) -> bool:
    """Any eight-bit cache will do: the engine decides which one it is called."""
    return _bits(reading, index) == 8  # noqa: PLR2004  (bits, as said)


def _bits(reading: Reading, index: int) -> float | None:
    lexeme = reading.sentence.lexemes[index]
    if lexeme.kind == "bits_amount":
        return lexeme.number
    return float(lexeme.value) if lexeme.kind == "weight_bits" else None


def _kv_dtypes(reading: Reading, index: int) -> list[str]:
    known = reading.names.kv_cache_dtypes
    lexeme = reading.sentence.lexemes[index]
    bits = _bits(reading, index)
    if bits is None:
        value = {"gguf_f16": "fp16"}.get(lexeme.value, lexeme.value)
        return [value] if value in known else []
    if bits == _HALF_BITS:
        return [dtype for dtype in ("fp16",) if dtype in known]
    engines = set(reading.values("engine"))
    wanted = {8: ("fp8", "q8_0"), 5: ("q5_0", "q5_1"), 4: ("q4_0",)}.get(int(bits), ())
    dtypes = [dtype for dtype in wanted if dtype in known]
    if len(dtypes) > 1 and engines and bits == 8:  # noqa: PLR2004
        return [dtype for dtype in dtypes if (dtype == "q8_0") == bool(engines & _GGUF_ENGINES)]
    return dtypes


def _say_weights(reading: Reading, index: int, match: Match) -> None:
    sentence = reading.sentence
    lexeme = sentence.lexemes[index]
    bits = _bits(reading, index)
    if bits is not None:
        if bits not in _BITS_OF_WEIGHTS:
            reading.refuse(match.start, match.end)
        elif reading.has("weight_format"):
            # "4-bit AWQ" says the same thing twice, "q8_0 or else q6" does not.
            if any(_may_have(str(known), int(bits)) for known in reading.values("weight_format")):
                sentence.take(match.start, match.end)
            else:
                reading.refuse(match.start, match.end)
        else:
            reading.say("weight_bits", int(bits), start=match.start, end=match.end)
    elif lexeme.kind == "kv_cache_dtype":
        reading.refuse(match.start, match.end)
    else:
        if any(_may_have(lexeme.value, int(width)) for width in reading.values("weight_bits")):
            reading.forget("weight_bits")
        reading.say("weight_format", lexeme.value, start=match.start, end=match.end)


def _may_have(weight_format: str, bits: int) -> bool:
    """Return whether a format's name goes with so many bits; a name without a number goes with any."""
    named = _NUMBER.search(weight_format)
    return named is None or int(named[0]) == bits
