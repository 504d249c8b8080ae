"""Which model an answer is about, and why that one."""

from collections.abc import Mapping

from planner.known_models import KnownModels
from planner.model import ModelSpec
from planner.plan import PlannedModel


def find_planned_models(
    names: tuple[str, ...], config: Mapping[str, object] | None, known: KnownModels
) -> tuple[PlannedModel, list[ModelSpec]]:
    """Return the models of a request that names `names` or brings a `config`, as the answer names them and as data.

    Raises UnknownModel, and UnsupportedModel for a config that no rule covers.
    """
    specs = known.find(names, config=config)
    choices = [] if config is not None else [known.resolve(name) for name in names]
    model_ids = tuple(spec.model_id for spec in specs)
    others = dict.fromkeys(model_id for choice in choices for model_id in choice.other_model_ids)
    reason = " ".join(choice.reason for choice in choices) or "the model of the config.json in the request"
    return PlannedModel(
        model_id=model_ids[0],
        model_ids=model_ids,
        requested=names,
        name=" and ".join(spec.hugging_face_id for spec in specs),
        reason=reason,
        other_model_ids=tuple(model_id for model_id in others if model_id not in model_ids),
    ), specs
