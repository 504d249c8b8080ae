"""From the lists of GPUs and models to a message."""

from collections.abc import Sequence

from bots.deployments import Gpu, Model
from bots.enquiry import Enquiry
from bots.figures import show_count, show_tokens
from bots.message import Field, Message, compose, plain
from bots.tables import table
from bots.words import Words

GPUS_ON_A_PAGE = 15
MODELS_ON_A_PAGE = 10


def gpus_message(gpus: Sequence[Gpu], *, enquiry: Enquiry, words: Words) -> Message:
    """Return the message with a page of the GPUs: memory that a program sees, and bandwidth."""
    start = enquiry.page * GPUS_ON_A_PAGE
    heading = ("GPU", "GiB", "GB/s", words.say("column_year"))
    rows = [heading, *map(_gpu_row, gpus[start : start + GPUS_ON_A_PAGE])]
    return compose(
        content=words.say("gpus_known", count=len(gpus)) if gpus else words.say("no_gpus"),
        title=words.say("gpus_title"),
        description=table(rows, right=(1, 2, 3), elastic=0) if gpus else "",
        footer=words.say("gpus_legend"),
    )


def gpus_pages(gpus: Sequence[Gpu]) -> int:
    """Return on how many pages the GPUs are shown."""
    return -(-len(gpus) // GPUS_ON_A_PAGE)


def models_message(models: Sequence[Model], *, enquiry: Enquiry, words: Words) -> Message:
    """Return the message with a page of the models that can be planned for."""
    start = enquiry.page * MODELS_ON_A_PAGE
    return compose(
        content=words.say("models_known", count=len(models)),
        title=words.say("models_title"),
        fields=[_model_field(model, words=words) for model in models[start : start + MODELS_ON_A_PAGE]],
    )


def models_pages(models: Sequence[Model]) -> int:
    """Return on how many pages the models are shown."""
    return -(-len(models) // MODELS_ON_A_PAGE)


def _gpu_row(gpu: Gpu) -> tuple[str, ...]:
    return (
        gpu.name or gpu.gpu_id or "?",
        "?" if gpu.memory_bytes is None else f"{gpu.memory_bytes / 2**30:.1f}",
        show_count(gpu.memory_bandwidth_gb_per_s),
        "?" if gpu.release_year is None else str(gpu.release_year),
    )


def _model_field(model: Model, *, words: Words) -> Field:
    lines = [f"`{model.model_id or '?'}`"]
    if model.num_parameters is not None:
        billions, hundred_millions = f"{model.num_parameters / 1e9:.2f}", f"{model.num_parameters / 1e8:.1f}"
        lines.append(words.say("parameters", billions=billions, hundred_millions=hundred_millions))
    if model.max_position_embeddings is not None:
        lines.append(words.say("context_up_to", context=show_tokens(model.max_position_embeddings)))
    if model.license:
        lines.append(words.say("license", license=plain(model.license)))
    return Field(name=plain(model.name or model.model_id or "?"), value="\n".join(lines))
