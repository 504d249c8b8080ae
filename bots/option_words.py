"""What an option is, in words: its headline, its memory, price, speed, quality and launch command."""

from collections.abc import Sequence

from bots.answers import PlanAnswer
from bots.deployments import Estimate, MemoryPerGpu, Option
from bots.figures import (
    pad,
    show_count,
    show_engine,
    show_estimate,
    show_gib,
    show_rate,
    show_tokens,
    show_usd,
    width,
)
from bots.message import Field, code_block, plain
from bots.words import Words

BAR_SIGNS = 28
WARNINGS_SHOWN = 4

# each part with the sign that draws it; the legend names them in this order
_PARTS = (
    ("weights", "█"),
    ("kv_cache", "▓"),
    ("activation", "▒"),
    ("graph", "░"),
    ("runtime", "+"),
)
_FREE = "·"


def gpu_words(option: Option) -> str:
    """Return the GPUs of an option, such as "2x RTX 4090"."""
    name = option.gpu and (option.gpu.name or option.gpu.gpu_id)
    return f"{option.gpu_count or '?'}x {name or '?'}"


def price_words(option: Option, *, words: Words) -> str:
    """Return the whole price: to buy it, or per hour with the way of paying where it is not on demand."""
    purchase = option.cost and option.cost.purchase
    if purchase is not None and purchase.usd is not None:
        return words.say("price_to_buy", usd=show_usd(purchase.usd))
    pricing = option.offer and option.offer.pricing
    way = "" if pricing in (None, "on_demand", "owned") else f" {words.value(pricing)}"
    return f"{show_usd(option.usd_per_hour)}/h{way}"


def provider_words(option: Option) -> str:
    """Return who offers it."""
    return (option.offer and option.offer.provider) or "?"


def node_words(option: Option) -> str | None:
    """Return the name of the machine of one's own that it runs on, None where it is not one's own."""
    return None if option.owned is None else option.owned.node or (option.offer and option.offer.instance_type) or "?"


def model_words(option: Option, answer: PlanAnswer) -> str:
    """Return the model's name, by which its makers publish it."""
    model = answer.model
    if model is not None and model.name and option.model_id in (None, model.model_id):
        # without the maker's name before the slash
        return model.name.rsplit("/", maxsplit=1)[-1]
    return option.model_id or "?"


def request_words(answer: PlanAnswer, *, words: Words) -> str:
    """Return what was to be held, such as "32k context x 4"."""
    request = answer.request or {}
    context, batch = request.get("context"), request.get("batch")
    return words.say(
        "load",
        context=show_tokens(context) if isinstance(context, int | float) else "?",
        batch=show_count(batch) if isinstance(batch, int) else "?",
    )


def deployment_words(option: Option, answer: PlanAnswer, *, words: Words) -> str:
    """Return how it is served: model, formats and engine."""
    return words.say(
        "deployment",
        model=model_words(option, answer),
        weights=option.weight_format or "?",
        kv=option.kv_cache_dtype or "?",
        engine=show_engine(option.engine),
    )


def first_words(answer: PlanAnswer, *, words: Words) -> str:
    """Return what the first option is, by the objective that was asked for: "Cheapest", "Fastest" and so on."""
    name = f"first_{(answer.request or {}).get('objective')}"
    return words.say(name if name in words.texts else "first_cheapest")


def headline(option: Option, answer: PlanAnswer, *, words: Words) -> str:
    """Return one line that says it all."""
    node = node_words(option)
    line = words.say(
        "headline" if node is None else "headline_owned",
        first=first_words(answer, words=words),
        gpus=gpu_words(option),
        price=price_words(option, words=words),
        deployment=deployment_words(option, answer, words=words),
        load=request_words(answer, words=words),
        **({"provider": provider_words(option)} if node is None else {"node": node}),
    )
    return plain(line) + (f" {words.say('tight')}" if option.verdict == "tight" else "")


def memory_field(option: Option, *, words: Words) -> Field | None:
    """Return the memory of one GPU as a bar with its legend and the basis of its figures, if any."""
    memory = option.memory and option.memory.per_gpu
    if memory is None:
        return None
    # a part that takes nothing needs no line
    sizes = [(words.value(name), sign, size) for name, sign in _PARTS if (size := _size(memory, name))]
    if memory.headroom_bytes is not None:
        over = memory.headroom_bytes < 0
        sizes.append((words.value("over" if over else "free"), "!" if over else _FREE, abs(memory.headroom_bytes)))
    if not sizes:
        return None
    columns = max(width(name) for name, _, _ in sizes)
    legend = [f"{sign} {pad(name, columns)} {pad(show_gib(size), 11, is_right=True)}" for name, sign, size in sizes]
    heading = words.say(
        "memory" if option.gpu_count in (None, 1) else "memory_of_each", usable=show_gib(memory.usable_bytes)
    )
    basis = "\n" + plain(words.say("basis", basis=words.value(option.basis))) if option.basis else ""
    return Field(name=heading, value=code_block("\n".join([_bar(memory), *legend])) + basis)


def limits_field(option: Option, *, words: Words) -> Field | None:
    """Return the largest context and the largest batch that the option holds, None where it holds nothing."""
    lines: list[str] = []
    if option.max_context:
        lines.append(words.say("max_context", context=show_tokens(option.max_context)))
    if option.max_batch:
        lines.append(words.say("max_batch", batch=show_count(option.max_batch)))
    return Field(name=words.say("room"), value="\n".join(lines)) if lines else None


def price_field(option: Option, *, words: Words) -> Field | None:
    """Return the price with its date, the basis of that date, and where it was read."""
    offer = option.offer
    if offer is None:
        return None
    machine = words.say("comma").join(word for word in (offer.instance_type, offer.region) if word)
    who = words.value("owned") if offer.pricing == "owned" else provider_words(option)
    lines = [
        words.say("comma").join((price_words(option, words=words), who))
        + (words.say("brackets", text=machine) if machine else "")
    ]
    purchase = option.cost and option.cost.purchase
    if purchase is not None and purchase.usd is not None:
        lines.append(
            words.say(
                "purchase" if purchase.break_even_months is not None or not purchase.reason else "purchase_only",
                hourly=show_usd(option.usd_per_hour),
                years=show_rate(purchase.life_years),
                months=show_rate(purchase.break_even_months),
                reason=purchase.reason,
            )
        )
    if offer.as_of:
        basis = (
            words.say("brackets", text=words.value(offer.as_of_basis))
            if offer.as_of_basis not in (None, "exact")
            else ""
        )
        lines.append(words.say("price_of", date=offer.as_of) + basis)
    if offer.price_kind and offer.price_kind != "listed":
        lines.append(words.say("not_for_sale", kind=words.value(offer.price_kind)))
    if offer.source:
        lines.append(words.say("source", source=offer.source))
    return Field(name=words.say("price"), value="\n".join(map(plain, lines)))


def speed_field(option: Option, *, words: Words) -> Field | None:
    """Return the estimated speed with its band and, where there is a price, the cost of a million tokens."""
    lines = [rate] if (rate := rate_words(option, "tokens_per_second", words=words)) else []
    if option.speed is not None and option.speed.ttft_seconds is not None:
        lines.append(words.say("ttft", **_band(option.speed.ttft_seconds)))
    cost = option.cost and option.cost.usd_per_million_output_tokens
    if cost is None or cost.estimate is None:
        return Field(name=words.say("speed_alone"), value="\n".join(lines)) if lines else None
    lines.append(words.say("per_million", usd=show_usd(round(cost.estimate, 2))))
    return Field(name=words.say("speed"), value="\n".join(lines))


def rate_words(option: Option, text: str, *, words: Words) -> str:
    """Return the text called `text` with the tokens per second of a user and their band; nothing where none is told."""
    rate = option.speed and option.speed.tokens_per_second_per_user
    return "" if rate is None else words.say(text, **_band(rate))


def quality_field(option: Option, *, words: Words) -> Field | None:
    """Return the quality against 16-bit weights with its source."""
    quality = option.quality
    if quality is None or not quality.tier:
        return None
    recovery = "" if quality.recovery is None else words.say("recovery", percent=f"{100 * quality.recovery:.1f}")
    lines = [words.value(quality.tier) + recovery]
    if quality.source:
        lines.append(words.say("source", source=quality.source))
    return Field(name=words.say("quality"), value="\n".join(map(plain, lines)))


def warnings_field(warnings: Sequence[str] | None, *, words: Words) -> Field | None:
    """Return the first warnings, and how many more there are."""
    if not warnings:
        return None
    lines = [plain(warning) for warning in warnings[:WARNINGS_SHOWN]]
    if len(warnings) > WARNINGS_SHOWN:
        lines.append(words.say("more", count=len(warnings) - WARNINGS_SHOWN))
    return Field(name=words.say("warnings"), value="\n".join(f"- {line}" for line in lines))


def bullets(lines: Sequence[str]) -> str:
    """Return the lines as a list, each shown as it is written."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def _bar(memory: MemoryPerGpu) -> str:
    """Return the memory as a row of signs; where it is too little, `|` stands where the card ends."""
    parts = [(sign, _size(memory, name) or 0.0) for name, sign in _PARTS]
    needed = sum(size for _, size in parts)
    usable = memory.usable_bytes or needed or 1.0
    whole = max(needed, usable)
    bar = "".join(sign * max(size > 0, round(BAR_SIGNS * size / whole)) for sign, size in parts)
    if needed <= usable:
        return bar[:BAR_SIGNS].ljust(BAR_SIGNS, _FREE) + "|"
    end = round(BAR_SIGNS * usable / whole)
    return f"{bar[:end]}|{bar[end:]}!"


def _size(memory: MemoryPerGpu, name: str) -> float | None:
    size: float | None = getattr(memory, f"{name}_bytes")
    return size


def _band(figure: Estimate) -> dict[str, str]:
    return {
        "estimate": show_estimate(figure.estimate),
        "low": show_estimate(figure.low),
        "high": show_estimate(figure.high),
    }
