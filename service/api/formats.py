"""`/v1/weight-formats` and `/v1/engines`: what the planner knows of formats and of what runs them."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get
from litestar.response.base import ASGIResponse
from msgspec import Struct

from planner import (
    EngineFacts,
    KvCacheDtype,
    WeightFormat,
    engine_facts,
    kv_cache_dtypes,
    tier_rule,
    weight_formats,
)
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes


class WeightFormatList(Struct, frozen=True, kw_only=True):
    """All weight formats and KV cache dtypes, and the rule by which they were given their quality tiers."""

    items: tuple[WeightFormat, ...]
    kv_cache_dtypes: tuple[KvCacheDtype, ...]
    tier_rule: str
    next_cursor: None = None


class EngineList(Struct, frozen=True, kw_only=True):
    """All serving engines, and on which GPUs they run."""

    items: tuple[EngineFacts, ...]
    next_cursor: None = None


@get(
    "/weight-formats",
    summary="All weight formats and KV cache dtypes",
    responses={
        **answers(WeightFormatList, "All weight formats, with exact sizes and quality for each model."),
        **problems(HTTPStatus.BAD_REQUEST),
    },
    **takes({}),
)
async def list_weight_formats(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Answer with all weight formats."""
    answer = WeightFormatList(
        items=tuple(weight_formats().values()),
        kv_cache_dtypes=tuple(kv_cache_dtypes().values()),
        tier_rule=tier_rule(),
    )
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


@get(
    "/engines",
    summary="All engines",
    responses={**answers(EngineList, "All engines."), **problems(HTTPStatus.BAD_REQUEST)},
    **takes({}),
)
async def list_engines(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Answer with all engines."""
    answer = EngineList(items=tuple(engine_facts().values()))
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


ROUTER = Router("/v1", route_handlers=[list_weight_formats, list_engines], tags=["facts"])
