"""What an option is, in words: its headline, its row in the table, its memory, price, quality and launch command."""

from collections.abc import Sequence

from bots.answers import MemoryPerGpu, Option, PlanAnswer
from bots.figures import show_engine, show_gib, show_tokens, show_usd
from bots.message import FIELD_VALUE_LIMIT, Field, code_block, length, plain

TABLE_ROWS = 5

_MEMORY_PARTS = (
    ("weights", "weights_bytes"),
    ("KV cache", "kv_cache_bytes"),
    ("activations", "activation_bytes"),
    ("graphs", "graph_bytes"),
    ("runtime", "runtime_bytes"),
    ("headroom", "headroom_bytes"),
    ("usable", "usable_bytes"),
)
_HEADINGS = ("", "$/h", "GPU", "weights", "KV", "engine", "spare GiB")


def gpu_words(option: Option) -> str:
    """Return the GPUs of an option, such as "2x RTX 4090"."""
    name = option.gpu and (option.gpu.name or option.gpu.gpu_id)
    return f"{option.gpu_count or '?'}x {name or 'unnamed GPU'}"


def price_words(option: Option) -> str:
    """Return the whole price per hour, with the way of paying where it is not on demand."""
    pricing = option.offer and option.offer.pricing
    way = "" if pricing in (None, "on_demand") else f" {pricing.replace('_', ' ')}"
    return f"{show_usd(option.usd_per_hour)}/h{way}"


def provider_words(option: Option) -> str:
    """Return who offers it."""
    return (option.offer and option.offer.provider) or "an unnamed provider"


def model_words(option: Option, answer: PlanAnswer) -> str:
    """Return the model's name, by which its makers publish it."""
    model = answer.model
    if model is not None and model.name and option.model_id in (None, model.model_id):
        # without the maker's name before the slash
        return model.name.rsplit("/", maxsplit=1)[-1]
    return option.model_id or "the model"


def request_words(answer: PlanAnswer) -> str:
    """Return what was to be held, such as "32k context x 4"."""
    request = answer.request or {}
    context, batch = request.get("context"), request.get("batch")
    tokens = show_tokens(context) if isinstance(context, int | float) else "?"
    return f"{tokens} context x {batch if isinstance(batch, int) else '?'}"


def headline(option: Option, answer: PlanAnswer) -> str:
    """Return one line that says it all."""
    return plain(
        f"Cheapest: {gpu_words(option)} at {provider_words(option)}, {price_words(option)}: "
        f"{model_words(option, answer)} as {option.weight_format or '?'} with {option.kv_cache_dtype or '?'} KV cache "
        f"on {show_engine(option.engine)}, {request_words(answer)}"
    )


def options_table(options: Sequence[Option]) -> str:
    """Return the best options as a table in a code block, one line each."""
    rows = [_HEADINGS, *(_row(number, option) for number, option in enumerate(options[:TABLE_ROWS], start=1))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right_aligned = {0, 1, len(_HEADINGS) - 1}
    lines = [
        "  ".join(
            cell.rjust(width) if column in right_aligned else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return code_block("\n".join(lines))


def memory_field(option: Option) -> Field | None:
    """Return the memory of one GPU part by part, or None where the answer has none."""
    memory = option.memory and option.memory.per_gpu
    if memory is None:
        return None
    parts = [(label, _part(memory, name)) for label, name in _MEMORY_PARTS]
    lines = [f"{label:<12}{show_gib(size):>10}" for label, size in parts if size is not None]
    heading = "Memory" if option.gpu_count == 1 else "Memory of each GPU"
    return Field(name=heading, value=code_block("\n".join(lines))) if lines else None


def limits_field(option: Option) -> Field | None:
    """Return the largest context and the largest batch that the option holds."""
    lines: list[str] = []
    if option.max_context is not None:
        lines.append(f"context up to {show_tokens(option.max_context)} at this batch")
    if option.max_batch is not None:
        lines.append(f"batch up to {option.max_batch:,} at this context")
    return Field(name="Room for more", value="\n".join(lines)) if lines else None


def price_field(option: Option) -> Field | None:
    """Return the price with its date, the basis of that date, and where it was read."""
    offer = option.offer
    if offer is None:
        return None
    machine = [word for word in (offer.instance_type, offer.region) if word]
    lines = [f"{price_words(option)} at {provider_words(option)}" + (f" ({', '.join(machine)})" if machine else "")]
    if offer.as_of:
        lines.append(f"price of {offer.as_of}" + (f" ({offer.as_of_basis})" if offer.as_of_basis else ""))
    if offer.price_kind and offer.price_kind != "listed":
        lines.append(f"{offer.price_kind}: not a price that can be ordered as it stands")
    if offer.source:
        lines.append(f"source: {offer.source}")
    return Field(name="Price", value="\n".join(map(plain, lines)))


def quality_field(option: Option) -> Field | None:
    """Return the quality against 16-bit weights with its source, and whether the memory was measured."""
    lines: list[str] = []
    quality = option.quality
    if quality is not None and quality.tier:
        recovery = "" if quality.recovery is None else f", {100 * quality.recovery:.1f} % of the scores of bf16"
        lines.append(quality.tier + recovery)
        if quality.source:
            lines.append(f"source: {quality.source}")
    if option.basis:
        lines.append(f"basis of this option: {option.basis}")
    return Field(name="Quality", value="\n".join(map(plain, lines))) if lines else None


def launch_fields(option: Option) -> list[Field]:
    """Return the launch command and its notes.

    A command that does not fit is never cut: half a command would start something else than what was planned.
    """
    launch = option.launch
    if launch is None or not launch.command:
        return []
    block = code_block(launch.command, "bash")
    if length(block) > FIELD_VALUE_LIMIT:
        block = f"The command has {len(launch.command):,} characters, too many for this message: the API has it whole."
    fields = [Field(name="Launch", value=block)]
    checkpoint = option.checkpoint
    notes = list(launch.notes or [])
    if checkpoint is not None and checkpoint.published is False and checkpoint.how_to_make:
        notes.append(f"no published checkpoint; {checkpoint.how_to_make}")
    if notes:
        fields.append(Field(name="Before you launch", value=bullets(notes)))
    return fields


def bullets(lines: Sequence[str]) -> str:
    """Return the lines as a list, each shown as it is written."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def _row(number: int, option: Option) -> tuple[str, ...]:
    memory = option.memory and option.memory.per_gpu
    headroom = None if memory is None else memory.headroom_bytes
    return (
        str(option.rank or number),
        "?" if option.usd_per_hour is None else f"{option.usd_per_hour:.3f}",
        gpu_words(option),
        option.weight_format or "?",
        option.kv_cache_dtype or "?",
        show_engine(option.engine) if option.engine else "?",
        "?" if headroom is None else f"{headroom / 2**30:.2f}",
    )


def _part(memory: MemoryPerGpu, name: str) -> float | None:
    size: float | None = getattr(memory, name)
    return size
