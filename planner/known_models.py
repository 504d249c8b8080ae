"""The models that a request may name: those of the data files, and others that their owner describes by a config."""

import re
from collections.abc import Iterable, Mapping

from planner.errors import InvalidRequest, UnknownModel
from planner.facts import model_names, models, normalize_model_name, resolve_model
from planner.model import ModelChoice, ModelSpec
from planner.model_config import read_model_config

_UNNAMED = "config"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


class KnownModels:
    """Models by id and by every spelling of their names; `own` are those beside the data files'.

    Own models bear names that no model of the data files has.
    """

    def __init__(self, own: Iterable[ModelSpec] = ()) -> None:
        """Index the models."""
        self.own = {spec.model_id: spec for spec in own}
        self.specs: dict[str, ModelSpec] = models() | self.own
        self._own_names = {
            normalize_model_name(spelling): spec.model_id
            for spec in self.own.values()
            for spelling in (spec.model_id, spec.hugging_face_id, *spec.aliases)
        }

    def resolve(self, name: str) -> ModelChoice:
        """Return the models that `name` stands for, and why; raises UnknownModel."""
        spelling = normalize_model_name(name)
        if spelling in model_names():
            return resolve_model(name)
        model_id = self._own_names.get(spelling)
        if model_id is None:
            raise UnknownModel(name, known=model_names() | self._own_names, field="model")
        return ModelChoice(
            requested=name,
            model_ids=(model_id,),
            reason=f"{name!r} names the model of a config.json that was added to the inventory",
        )

    def find(self, names: Iterable[str], *, config: Mapping[str, object] | None) -> list[ModelSpec]:
        """Return the models that `names` stand for; where there is a `config`, the one that it describes.

        Raises UnknownModel, and UnsupportedModel for a config that no rule covers.
        """
        if config is not None:
            return [read_model_config(config, model_id=next(iter(names)))]
        model_ids = dict.fromkeys(model_id for name in names for model_id in self.resolve(name).model_ids)
        return [self.specs[model_id] for model_id in model_ids]


DATA_FILE_MODELS = KnownModels()
"""The models of the data files alone."""


def read_own_model(config: Mapping[str, object], *, name: str | None = None) -> ModelSpec:
    """Return the model that `config` describes, called `name` or what it calls itself.

    Raises UnsupportedModel for a config that no rule covers, and InvalidRequest for a name that cannot be or that a
    model of the data files bears.
    """
    model_id = name_of_config(config, () if name is None else (name,))
    if normalize_model_name(model_id) in model_names():
        raise InvalidRequest(
            f"{model_id!r} is the name of a model that is known already.",
            code="invalid_model",
            field="model",
            allowed="a name that no known model bears",
            nearest=(f"my-{model_id}",),
        )
    return read_model_config(config, model_id=model_id)


def name_of_config(config: Mapping[str, object], given: Iterable[str]) -> str:
    """Return what to call the model of `config`: the one name `given`, else what it calls itself.

    Raises InvalidRequest where several names are given.
    """
    names = tuple(given)
    if names and not _NAME.fullmatch(names[0]):
        raise InvalidRequest(
            f"model, the name for what config describes, cannot be {names[0][:80]!r}.",
            code="invalid_model",
            field="model",
            allowed="letters, digits, dots, underscores and hyphens, at most 96",
        )
    if len(names) > 1:
        raise InvalidRequest(
            f"config describes one model, but model names {len(names)}.",
            code="invalid_model",
            field="model",
            allowed="one name for the model that config describes",
            nearest=names[:1],
        )
    own = config.get("_name_or_path")
    called = own.rstrip("/").rpartition("/")[2] if isinstance(own, str) else ""
    return names[0] if names else called if _NAME.fullmatch(called) else _UNNAMED
