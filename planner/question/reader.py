"""Reads a question in English, Chinese or both: text in, fields out, nothing guessed and nothing dropped in silence."""

from typing import Final

from planner.errors import InvalidRequest
from planner.question.asides import refuse_asides, refuse_second_hand
from planner.question.batch import read_batch
from planner.question.conditions import read_conditions, read_list, read_pricing, read_utilization
from planner.question.context import read_context, read_left_amounts
from planner.question.dates import find_day_of_prices
from planner.question.exclusions import read_exclusions, refuse_left_negations, turn_asking_negations
from planner.question.formats import read_formats, read_unquantized_cache
from planner.question.gpus import read_gpus
from planner.question.intent import find_intent
from planner.question.leftovers import list_ignored
from planner.question.lexicon import lexicon_for
from planner.question.lexing import read_lexemes
from planner.question.machines import read_machines, read_tensor_parallel
from planner.question.models import read_models
from planner.question.money import read_money
from planner.question.names import Names
from planner.question.quantities import merge_quantities
from planner.question.question import Intent, Question, QuestionNotUnderstood
from planner.question.reading import Reading
from planner.question.second_thoughts import mend_corrections, refuse_usual, turn_side_by_side
from planner.question.sentence import Sentence
from planner.question.settings import Setting, find_settings, say_scheduled, say_settings
from planner.question.speed import read_speed
from planner.question.tables import put_cells_behind_their_names
from planner.question.text import language_of
from planner.question.told import refuse_told

MAX_QUESTION_CHARACTERS: Final = 2_000
_TELLING_FIELDS: Final = frozenset(
    {
        "context", "batch", "prompt_tokens", "output_tokens", "model", "weight_format", "weight_bits",
        "kv_cache_dtype", "engine", "gpu", "exclude_gpu", "gpu_count", "max_gpus", "vram_gb", "instance_type",
        "max_ttft_seconds", "max_tpot_seconds", "min_tokens_per_second",
    }
)  # fmt: skip
"""Fields that only a question for this planner has; a place, a price or a maker alone is none."""

_PRICES: Final = frozenset({"max_usd_per_hour", "max_usd_per_month", "max_usd"})
_TELLING_KINDS: Final = "(device|vram|context|batch|kv|weights|tensor_parallel|class)"
_ASKED_KINDS: Final = "(device|vram|context|batch)"
"""What may be asked for without a field: "how much VRAM?"; "what is a KV cache?" is no question for this planner."""


def read_question(text: str, *, names: Names) -> Question:
    """Return what `text` says, in the API's field names and identifiers.

    Raises:
        QuestionNotUnderstood: nothing in it is a question for this planner.
        InvalidRequest: it is longer than 2,000 characters (code `question_too_long`).
    """
    reading = read_sentence(text, names=names)
    sentence = reading.sentence
    intent = find_intent(reading)
    _settle(reading, intent)
    fields = reading.fields()
    is_told = reading.has_model or bool(reading.ambiguous) or not _TELLING_FIELDS.isdisjoint(fields)
    is_about = fields and sentence.has(_TELLING_KINDS, at_first=True)
    is_asked = sentence.has(_ASKED_KINDS, at_first=True) and _asks(reading)
    is_priced = reading.has("objective") and not _PRICES.isdisjoint(fields)
    if not (is_told or is_about or is_asked or is_priced):
        raise QuestionNotUnderstood(text)
    return Question(
        question=text,
        intent=intent,
        language=language_of(text),
        fields=fields,
        ignored=list_ignored(reading),
        ambiguous=tuple(reading.ambiguous),
    )


def read_sentence(text: str, *, names: Names) -> Reading:
    """Return what every rule together understands of `text`, before anything is concluded from it.

    Raises:
        InvalidRequest: it is longer than 2,000 characters (code `question_too_long`).
    """
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise InvalidRequest(
            f"The question has {len(text):,} characters; allowed: up to {MAX_QUESTION_CHARACTERS:,}.",
            code="question_too_long",
            field="question",
            allowed=f"up to {MAX_QUESTION_CHARACTERS:,} characters",
            nearest=(MAX_QUESTION_CHARACTERS,),
        )
    dated = find_day_of_prices(text)
    settings, rest = find_settings(text if dated is None else dated.rest)
    sentence = Sentence(text, put_cells_behind_their_names(rest, read_lexemes(rest, lexicon_for(names))))
    reading = Reading(sentence, names)
    say_settings(reading, settings)
    if dated is not None:
        reading.replace("as_of", [dated.day.isoformat()])
    merge_quantities(sentence)
    mend_corrections(sentence)
    turn_side_by_side(sentence)
    refuse_told(reading)
    refuse_usual(reading)
    refuse_second_hand(reading)
    turn_asking_negations(sentence)
    sentence.remember()
    _read(reading, settings)
    return reading


def _read(reading: Reading, settings: list[Setting]) -> None:
    """Run the rules, the surest first: each takes what it understands."""
    refuse_asides(reading)
    read_unquantized_cache(reading)
    read_exclusions(reading)
    refuse_left_negations(reading)
    read_pricing(reading)
    read_speed(reading)
    read_money(reading)
    read_list(reading)
    read_utilization(reading)
    read_tensor_parallel(reading)
    read_context(reading)
    read_batch(reading)
    say_scheduled(reading, settings)
    read_models(reading)
    read_gpus(reading)
    read_machines(reading)
    read_conditions(reading)
    read_formats(reading)
    read_left_amounts(reading)


def _settle(reading: Reading, intent: Intent) -> None:
    """Turn "a single 4090" into a limit where GPUs are chosen; where one is judged it says nothing new.

    What is excluded is not asked for, though it was named too: "Lambda had no room, so not Lambda".
    """
    for field in ("gpu", "provider", "vendor"):
        named = reading.values(field)
        kept = [name for name in named if name not in reading.values(f"exclude_{field}")]
        if kept and kept != named:
            reading.replace(field, kept)
        elif named and not kept:
            reading.forget(field)
    pricings = [pricing for pricing in reading.values("pricing") if pricing not in reading.unwanted_pricing]
    if pricings != reading.values("pricing") and pricings:
        # "I am done with spot. No spot": the same once more.
        reading.replace("pricing", pricings)
    _forget_what_judging_knows(reading, intent)
    if (
        reading.is_single
        and intent in {"plan", "compare"}
        and not reading.has("gpu_count")
        and not reading.has("max_gpus")
    ):
        reading.replace("max_gpus", [1])


def _forget_what_judging_knows(reading: Reading, intent: Intent) -> None:
    """Drop what a machine that is judged or compared has anyway: its maker, and whose it is ("on our cluster")."""
    if intent == "plan" or not reading.has("gpu"):
        return
    named = set(map(str, reading.values("gpu")))
    makers = {gpu.vendor for gpu in reading.names.gpus if named & {gpu.gpu_id, *gpu.families}}
    if reading.has("vendor") and set(reading.values("vendor")) <= makers:
        reading.forget("vendor")
    if reading.values("pricing") == ["owned"]:
        reading.forget("pricing")


def _asks(reading: Reading) -> bool:
    """Return whether the sentence asks or demands something of a machine."""
    questions = (
        "(which|how_many|how_many_users|how_much|how_long|how_many_gpus|longest|max|can|compare)",
        "(recommend|objective|rent|requirement|vram|pricing|budget)",
    )
    return any(reading.sentence.has(pattern, at_first=True) for pattern in questions)
