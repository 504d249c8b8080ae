"""What can be pressed below an answer: each button holds the enquiry that it leads to, so a press needs no memory."""

from collections.abc import Iterable, Sequence
from typing import Final, cast

import msgspec

from bots.answers import AskAnswer, PlanAnswer, SmallestChange
from bots.controls import (
    BUTTONS_IN_A_ROW,
    LONGEST_CHOICE,
    LONGEST_LABEL,
    LONGEST_URL,
    MOST_CHOICES,
    Button,
    Choice,
    Link,
    Row,
    Select,
)
from bots.deployments import Option
from bots.enquiry import MACHINE_FIELDS, SOUGHT, Enquiry, Fields, FieldValue
from bots.figures import show_field, show_tokens
from bots.message import cut
from bots.option_words import gpu_words, price_words
from bots.readings import fields_words
from bots.words import Words

CHANGES_SHOWN: Final = 3
READINGS_SHOWN: Final = 10
ANY_GPU: Final = "*"
LARGEST_CONTEXT: Final = 131_072
LARGEST_BATCH: Final = 100_000

_BETTER: Final = {"poor": "degraded", "degraded": "near_lossless", "near_lossless": "lossless"}
# a change that names one of these can be pressed
_CHANGEABLE: Final = ("context", "batch", "gpu", "gpu_count", "max_usd_per_hour", "max_usd_per_month", "min_quality")


def plan_rows(
    enquiry: Enquiry,
    answer: PlanAnswer,
    *,
    pages: int,
    link: str | None,
    has_own_machines: bool | None = None,
    longest_context: int = LARGEST_CONTEXT,
    words: Words,
) -> tuple[Row, ...]:
    """Return what refines a plan: load, quality, the way of paying, the GPU, and its launch command.

    Machines of one's own are offered only where there are any, and no context above `longest_context`.
    """
    load = _load_buttons(enquiry, answer, longest_context=longest_context, words=words)
    pricings = _pricing_buttons(enquiry, answer, has_own_machines=has_own_machines, words=words)
    is_plan = bool(answer.options)
    ways = [rejection.smallest_change for rejection in answer.rejections or []]
    changes = () if is_plan else _change_buttons(enquiry, ways, words=words)
    return _rows(
        changes,
        (*load, _quality_button(enquiry, answer, words=words)),
        pricings,
        _foot(enquiry, launched=enquiry if is_plan else None, pages=pages, link=link, words=words),
        _gpu_select(enquiry, answer.options or [], words=words),
    )


def fit_rows(
    enquiry: Enquiry,
    answer: PlanAnswer,
    *,
    changes: Sequence[SmallestChange] = (),
    others: Sequence[Option] = (),
    launched: Enquiry | None = None,
    pages: int = 1,
    link: str | None,
    longest_context: int = LARGEST_CONTEXT,
    words: Words,
) -> tuple[Row, ...]:
    """Return what refines a judgement, a comparison, limits or requirements.

    `others` are the machines that the name means too, `launched` is what the launch command is for.
    """
    fields = {name: value for name, value in enquiry.said.items() if name not in MACHINE_FIELDS}
    plan = Enquiry(task="plan", fields=fields, language=enquiry.language)
    load = _load_buttons(enquiry, answer, longest_context=longest_context, words=words)
    cheapest = Button(label=words.say("button_plan"), enquiry=plan)
    return _rows(
        _change_buttons(enquiry, changes, words=words),
        (*load, *_formats_button(enquiry, words=words), cheapest),
        _foot(enquiry, launched=launched, pages=pages, link=link, words=words),
        _gpu_select(enquiry, others, words=words),
    )


def list_rows(enquiry: Enquiry, *, pages: int, link: str | None, words: Words) -> tuple[Row, ...]:
    """Return what turns the pages of a list."""
    return _rows((*_page_buttons(enquiry, pages=pages, words=words), *_link(link, words=words)))


def reading_rows(enquiry: Enquiry, asked: AskAnswer, *, words: Words) -> tuple[Row, ...]:
    """Return a button for each way to read an ambiguous question; each leads to the answer of that reading."""
    combined: list[dict[str, FieldValue]] = [{}]
    for doubt in asked.ambiguous or []:
        readings = cast("Iterable[dict[str, FieldValue]]", doubt.readings or [])
        combined = [{**one, **reading} for one in combined for reading in readings] or combined
    buttons = [
        Button(label=cut(fields_words(reading, words=words), LONGEST_LABEL), enquiry=enquiry.change(**reading))
        for reading in combined[:READINGS_SHOWN]
        if reading
    ]
    rows = [tuple(buttons[start : start + BUTTONS_IN_A_ROW]) for start in range(0, len(buttons), BUTTONS_IN_A_ROW)]
    return _rows(*rows, (_words_button(enquiry, words=words),))


def choose_gpu(enquiry: Enquiry, gpu_id: str) -> Enquiry:
    """Return the enquiry for one GPU, or for any."""
    excluded: Fields = {} if gpu_id == ANY_GPU else {"gpu": gpu_id}
    return enquiry.change(**{**dict.fromkeys(MACHINE_FIELDS), **excluded})


def _load_buttons(enquiry: Enquiry, answer: PlanAnswer, *, longest_context: int, words: Words) -> tuple[Button, ...]:
    request = answer.request or {}
    context, batch = request.get("context"), request.get("batch")
    unasked = ("context", "batch") if enquiry.task == "limits" else (SOUGHT.get(enquiry.task),)
    buttons: list[Button] = []
    if isinstance(context, int) and "context" not in unasked:
        longer = min(2 * context, longest_context)
        label = words.say("button_context", context=show_tokens(longer))
        is_longest = context >= longest_context
        buttons.append(Button(label=label, enquiry=enquiry.change(context=longer), is_off=is_longest))
    if isinstance(batch, int) and "batch" not in unasked:
        larger = min(2 * batch, LARGEST_BATCH)
        label = words.say("button_batch", batch=f"{larger:,}")
        buttons.append(Button(label=label, enquiry=enquiry.change(batch=larger), is_off=batch >= LARGEST_BATCH))
    return tuple(buttons)


def _quality_button(enquiry: Enquiry, answer: PlanAnswer, *, words: Words) -> Button:
    floor = (answer.request or {}).get("min_quality")
    better = _BETTER.get(str(floor))
    changed = enquiry.change(min_quality=better or "lossless")
    return Button(label=words.say("button_quality"), enquiry=changed, is_off=better is None)


def _pricing_buttons(
    enquiry: Enquiry, answer: PlanAnswer, *, has_own_machines: bool | None, words: Words
) -> tuple[Button, ...]:
    asked = (answer.request or {}).get("pricing")
    pricing = cast("list[str]", asked) if isinstance(asked, list) else ["on_demand"]
    is_bought, is_spot, is_owned = (way in pricing for way in ("buy", "spot", "owned"))
    without_ceiling = enquiry.change(max_usd=None)
    spot = Button(
        label=words.say("button_no_spot" if is_spot else "button_spot"),
        enquiry=without_ceiling.change(pricing="on_demand" if is_spot else ["on_demand", "spot"]),
    )
    rent = Button(label=words.say("button_rent"), enquiry=without_ceiling.change(pricing="on_demand"))
    buy = Button(label=words.say("button_buy"), enquiry=enquiry.change(pricing="buy"))
    own = Button(label=words.say("button_owned"), enquiry=without_ceiling.change(pricing="owned"))
    if is_bought or is_owned:
        return (rent, buy) if is_owned else (spot, rent, own) if has_own_machines else (spot, rent)
    return (spot, buy, own) if has_own_machines else (spot, buy)


def _change_buttons(enquiry: Enquiry, changes: Iterable[SmallestChange | None], *, words: Words) -> tuple[Button, ...]:
    buttons: dict[str, Button] = {}
    for change in changes:
        if change is None or change.field not in _CHANGEABLE or change.value is None:
            continue
        label = cut(show_field(change.field, change.value, words=words), LONGEST_LABEL)
        value = cast("FieldValue", change.value)
        buttons.setdefault(label, Button(label=label, enquiry=enquiry.change(**{change.field: value})))
    return tuple(buttons.values())[:CHANGES_SHOWN]


def _gpu_select(enquiry: Enquiry, options: Sequence[Option], *, words: Words) -> tuple[Select] | tuple[()]:
    choices: dict[str, Choice] = {}
    for option in options:
        if (
            option.gpu is not None
            and option.gpu.gpu_id
            and option.gpu.gpu_id.strip()
            and len(option.gpu.gpu_id) <= LONGEST_CHOICE
        ):
            price = "" if option.usd_per_hour is None else words.say("comma") + price_words(option, words=words)
            note = gpu_words(option) + price
            label = cut((option.gpu.name or "").strip() or option.gpu.gpu_id, LONGEST_CHOICE)
            choices.setdefault(
                option.gpu.gpu_id, Choice(label=label, value=option.gpu.gpu_id, note=cut(note, LONGEST_CHOICE))
            )
    if len(choices) < 2:  # noqa: PLR2004 - the only one is that of the answer
        return ()
    listed = [*choices.values()][: MOST_CHOICES - 1]
    if "gpu" in enquiry.fields and enquiry.task == "plan":
        listed.append(Choice(label=words.say("any_gpu"), value=ANY_GPU))
    return (Select(placeholder=words.say("other_gpu"), enquiry=enquiry, choices=tuple(listed)),)


def _foot(
    enquiry: Enquiry, *, launched: Enquiry | None, pages: int, link: str | None, words: Words
) -> tuple[Button | Link, ...]:
    launch = () if launched is None else (Button(label=words.say("button_launch"), enquiry=launched, action="launch"),)
    return (
        *launch,
        _words_button(enquiry, words=words),
        *_page_buttons(enquiry, pages=pages, words=words),
        *_link(link, words=words),
    )


def _formats_button(enquiry: Enquiry, *, words: Words) -> tuple[Button] | tuple[()]:
    """Return the button to how far the same machine reaches, format by format."""
    if enquiry.task not in ("fit", *SOUGHT):
        return ()
    limits = msgspec.structs.replace(enquiry.change(context=None, batch=None), task="limits")
    return (Button(label=words.say("button_formats"), enquiry=limits),)


def _words_button(enquiry: Enquiry, *, words: Words) -> Button:
    return Button(label=words.say("button_words"), enquiry=enquiry, action="words")


def _page_buttons(enquiry: Enquiry, *, pages: int, words: Words) -> tuple[Button, ...]:
    if pages <= 1:
        return ()
    page = min(enquiry.page, pages - 1)
    number = words.say("page", page=page + 1, pages=pages)
    return (
        Button(label="◀", enquiry=enquiry.turn(max(page - 1, 0)), is_off=page == 0),
        Button(label=f"{number} ▶", enquiry=enquiry.turn(min(page + 1, pages - 1)), is_off=page == pages - 1),
    )


def _link(link: str | None, *, words: Words) -> tuple[Link, ...]:
    return () if link is None or len(link) > LONGEST_URL else (Link(label=words.say("button_link"), url=link),)


def _rows(*rows: tuple[Button | Link, ...] | tuple[Select]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row)
