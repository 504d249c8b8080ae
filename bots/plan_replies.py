"""From a plan, or that none exists, to a message."""

from collections.abc import Sequence

from bots.answers import PlanAnswer, Rejection
from bots.deployments import Option
from bots.enquiry import Enquiry
from bots.figures import show_rate, show_usd, show_value
from bots.message import Field, Message, compose, plain
from bots.option_words import (
    first_words,
    gpu_words,
    headline,
    limits_field,
    memory_field,
    node_words,
    price_field,
    price_words,
    provider_words,
    quality_field,
    request_words,
    speed_field,
    warnings_field,
)
from bots.owned_words import owned_field
from bots.readings import Reading, doubt_fields, price_note_field, understood_fields
from bots.refusal_words import REJECTIONS_SHOWN, change_words, refused_field, rejection_field
from bots.tables import table, titled_table
from bots.words import Words

TABLE_ROWS = 5

_TOO_DEAR = "over_price_ceiling"


def plan_message(
    answer: PlanAnswer, *, enquiry: Enquiry, reading: Reading, has_own_machines: bool | None = None, words: Words
) -> Message:
    """Return the message for a plan: the best option in one line, the page's options in a table, the best in detail.

    `has_own_machines` tells whether the inventory holds machines of one's own, None where that is not known.
    """
    options = answer.options or []
    if answer.outcome != "plan" or not options:
        return _infeasible_message(answer, reading=reading, has_own_machines=has_own_machines, words=words)
    best = options[0]
    start = enquiry.page * TABLE_ROWS
    return compose(
        content=headline(best, answer, words=words),
        title=words.say("plan_title", first=first_words(answer, words=words), load=request_words(answer, words=words)),
        description=_options_table(options[start : start + TABLE_ROWS], first_rank=start + 1, words=words),
        fields=[
            *doubt_fields(reading, words=words),
            memory_field(best, words=words),
            price_field(best, words=words),
            owned_field(best, words=words),
            price_note_field(reading, words=words),
            speed_field(best, words=words),
            limits_field(best, words=words),
            _costs_field(options[start : start + TABLE_ROWS], first_rank=start + 1, words=words),
            *understood_fields(reading, answer, words=words),
            quality_field(best, words=words),
            warnings_field(best.warnings, words=words),
            _indicative_field(answer, words=words),
            refused_field(answer.rejections or [], words=words),
            model_field(answer, words=words),
        ],
        footer=_inventory_words(answer, words=words),
    )


def plan_pages(answer: PlanAnswer) -> int:
    """Return on how many pages the options are shown."""
    return -(-len(answer.options or []) // TABLE_ROWS)


def model_field(answer: PlanAnswer, *, words: Words) -> Field | None:
    """Return why this model was taken: in the API's words, which are English, or as short as it can be said."""
    model = answer.model
    if model is None or not model.reason:
        return None
    reason = model.reason
    if words.language != "en" and model.requested and model.other_model_ids:
        reason = words.say(
            "other_model",
            requested=show_value("model", model.requested, words=words),
            others=words.list(model.other_model_ids),
            name=(model.name or model.model_id or "?").rsplit("/", maxsplit=1)[-1],
        )
    return Field(name=words.say("model"), value=plain(reason))


def _infeasible_message(
    answer: PlanAnswer, *, reading: Reading, has_own_machines: bool | None, words: Words
) -> Message:
    rejections = answer.rejections or []
    load = request_words(answer, words=words)
    changes = [said for rejection in rejections if (said := change_words(rejection.smallest_change, words=words))]
    way_out = words.say("way_out", change=plain(changes[0])) if changes else ""
    is_only_owned = (answer.request or {}).get("pricing") == ["owned"]
    nothing = "too_dear" if _is_too_dear(rejections) else "nothing_fits"
    has_none = is_only_owned and has_own_machines is False and any(one.reason == "no_offers" for one in rejections)
    return compose(
        content=words.say("no_own_machines") if has_none else words.say(nothing, load=load) + way_out,
        title=words.say("infeasible_title", load=load),
        fields=[
            *doubt_fields(reading, words=words),
            *understood_fields(reading, answer, words=words),
            *(rejection_field(rejection, words=words) for rejection in rejections[:REJECTIONS_SHOWN]),
            _indicative_field(answer, words=words),
            model_field(answer, words=words),
        ],
        footer=_inventory_words(answer, words=words),
    )


def _is_too_dear(rejections: Sequence[Rejection]) -> bool:
    """Return whether there are options that hold the load, all above the ceiling of the price."""
    return any(one.reason == _TOO_DEAR and one.smallest_change is not None for one in rejections) and all(
        one.reason in (_TOO_DEAR, "indicative_price") for one in rejections
    )


def _options_table(options: Sequence[Option], *, first_rank: int, words: Words) -> str:
    # the order of what is bought is that of its cost per hour, power included: both prices are shown
    is_bought = all(_usd_to_buy(option) is not None for option in options)
    heading = ("$/h", "tok/s", words.say("column_weights"))
    entries = [
        (
            str(option.rank or number),
            words.say("comma").join((gpu_words(option), node_words(option) or provider_words(option))),
            (f"{_usd_to_buy(option):,.0f}", *_figures(option))
            if is_bought
            else (*_figures(option), option.kv_cache_dtype or "?"),
        )
        for number, option in enumerate(options, start=first_rank)
    ]
    if is_bought:
        return titled_table(("$", *heading), entries, right=(0, 1, 2))
    return titled_table((*heading, "KV"), entries, right=(0, 1))


def _figures(option: Option) -> tuple[str, str, str]:
    speed = option.speed and option.speed.tokens_per_second_per_user
    return (
        "?" if option.usd_per_hour is None else f"{option.usd_per_hour:.3f}",
        "?" if speed is None else show_rate(speed.estimate),
        option.weight_format or "?",
    )


def _usd_to_buy(option: Option) -> float | None:
    return option.cost and option.cost.purchase and option.cost.purchase.usd


def _costs_field(options: Sequence[Option], *, first_rank: int, words: Words) -> Field | None:
    """Return what a million output tokens cost on each option and of when its price is; the table has no room for it.

    None for one option, whose own fields say it.
    """
    rows = [
        (
            str(option.rank or number),
            show_usd(None if cost is None or cost.estimate is None else round(cost.estimate, 2)),
            (option.offer and option.offer.as_of) or "?",
        )
        for number, option in enumerate(options, start=first_rank)
        for cost in [option.cost and option.cost.usd_per_million_output_tokens]
    ]
    return Field(name=words.say("costs"), value=table(rows, right=(0, 1))) if len(rows) > 1 else None


def _indicative_field(answer: PlanAnswer, *, words: Words) -> Field | None:
    option = answer.indicative
    if option is None:
        return None
    said = words.say(
        "indicative_price",
        gpus=gpu_words(option),
        provider=provider_words(option),
        price=price_words(option, words=words),
    )
    return Field(name=words.say("indicative"), value=plain(said))


def _inventory_words(answer: PlanAnswer, *, words: Words) -> str:
    inventory = answer.inventory
    if inventory is None:
        return ""
    said: list[str] = []
    if inventory.offers is not None:
        said.append(words.say("offers", count=f"{inventory.offers:,}"))
    if inventory.oldest_price and inventory.newest_price:
        said.append(words.say("price_dates", oldest=inventory.oldest_price, newest=inventory.newest_price))
    if inventory.revision is not None:
        said.append(words.say("revision", revision=inventory.revision))
    return words.say("comma").join(said)
