"""`/v1/models`: the models that can be planned for, and what their public cards get wrong."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from planner import (
    ModelCard,
    ModelSpec,
    UnknownModel,
    kv_cache_dtypes,
    model_cards,
    model_scores,
)
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.inventory.snapshot import SnapshotStore
from service.refusing import not_found


class Model(ModelSpec, frozen=True, kw_only=True):
    """A model: its architecture, what one token of context costs, and what its own card publishes.

    `kv_cache_bytes_per_token` maps each KV cache dtype to the bytes that one token takes in it.
    """

    name: str
    kv_cache_bytes_per_token: dict[str, float]
    published_scores: dict[str, float]
    recommended_sampling: dict[str, float | str]


class ModelList(Struct, frozen=True, kw_only=True):
    """All models, the DeepSeek-R1 family first, added ones last."""

    items: tuple[Model, ...]
    next_cursor: None = None


class ModelAnswer(Struct, frozen=True, kw_only=True):
    """The model that a name stands for, and why.

    `other_model_ids` are the models that the name could also have meant. `cards` are public cards that mean to describe
    the model, with the fields in which they are wrong (`discrepancies`) and their transparency scores, as data.
    """

    requested: str
    reason: str
    model: Model
    other_model_ids: tuple[str, ...]
    cards: tuple[ModelCard, ...]


@get(
    "/",
    summary="All models",
    responses={**answers(ModelList, "All models."), **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)},
    **takes({}),
)
async def list_models(request: Request[Any, Any, Any], snapshots: NamedDependency[SnapshotStore]) -> ASGIResponse:
    """Answer with all models."""
    known = (await snapshots.current()).inventory.models
    items = tuple(_to_model(spec) for spec in known.specs.values())
    return answer_value(ModelList(items=items), if_none_match=request.headers.get("if-none-match"))


@get(
    "/{model_id:str}",
    summary="One model",
    description="By id or alias, with the public cards that mean to describe it.",
    responses={
        **answers(ModelAnswer, "The model, and the public cards that mean to describe it."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes({}),
)
async def get_model(
    request: Request[Any, Any, Any], model_id: FromPath[str], snapshots: NamedDependency[SnapshotStore]
) -> ASGIResponse:
    """Answer with one model."""
    known = (await snapshots.current()).inventory.models
    try:
        choice = known.resolve(model_id)
    except UnknownModel as error:
        raise not_found(error, field="model_id") from error
    chosen = choice.model_ids[0]
    answer = ModelAnswer(
        requested=choice.requested,
        reason=choice.reason,
        model=_to_model(known.specs[chosen]),
        other_model_ids=(*choice.model_ids[1:], *choice.other_model_ids),
        cards=tuple(card for card in model_cards() if chosen in card.describes),
    )
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


def _to_model(spec: ModelSpec) -> Model:
    scores = model_scores().get(spec.model_id)
    return Model(
        **{name: getattr(spec, name) for name in spec.__struct_fields__},
        name=spec.hugging_face_id.rpartition("/")[2],
        kv_cache_bytes_per_token={
            name: spec.kv_elements_per_token * dtype.bits_per_element / 8 for name, dtype in kv_cache_dtypes().items()
        },
        published_scores={} if scores is None else scores.published_scores,
        recommended_sampling={} if scores is None else scores.recommended_sampling,
    )


ROUTER = Router("/v1/models", route_handlers=[list_models, get_model], tags=["facts"])
