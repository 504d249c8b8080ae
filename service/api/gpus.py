"""`/v1/gpus`: the GPUs of the inventory."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from planner import FIELDS, Field, Gpu, UnknownGpu
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.api.paging import PAGING
from service.api.query import read_fields
from service.inventory.database import Database
from service.inventory.listing import DEFAULT_LIMIT, GpuFilter, list_gpus
from service.inventory.snapshot import SnapshotStore
from service.refusing import Refusal, not_found

_FIELDS: Final[dict[str, Field]] = {
    "vendor": FIELDS["vendor"],
    "gpu_class": Field(
        kind="text",
        repeats=True,
        choices=FIELDS["exclude_class"].choices,
        example="data_center",
        description="Classes of GPU wanted.",
    ),
    "min_visible_memory_gib": Field(
        kind="number", example=24, description="Least memory that a program on the GPU sees, in GiB."
    ),
    **PAGING,
}


class GpuAnswer(Gpu, frozen=True, kw_only=True):
    """A GPU; `memory_bytes` is what a program on it sees: `visible_memory_gib` in bytes."""

    memory_bytes: int  # pyright: ignore[reportIncompatibleMethodOverride]  (a field here: it goes over the wire)


class GpuList(Struct, frozen=True, kw_only=True):
    """GPUs by identifier; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[GpuAnswer, ...]
    next_cursor: str | None


@get(
    "/",
    summary="GPUs",
    responses={
        **answers(GpuList, "A page of GPUs."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(_FIELDS),
)
async def get_gpus(request: Request[Any, Any, Any], database: NamedDependency[Database]) -> ASGIResponse:
    """Answer with a page of GPUs."""
    given = read_fields(request.scope["query_string"], fields=_FIELDS)
    limit, cursor = given.pop("limit", DEFAULT_LIMIT), given.pop("cursor", None)
    async with database.read() as session:
        page = await list_gpus(session, GpuFilter(**given), cursor=cursor, limit=limit)
    answer = GpuList(items=tuple(map(_to_answer, page.gpus)), next_cursor=page.next_cursor)
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


@get(
    "/{gpu_id:str}",
    summary="One GPU",
    description="By id or alias. A family such as `h100` names several GPUs and is none of them.",
    responses={
        **answers(GpuAnswer, "The GPU."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes({}),
)
async def get_gpu(
    request: Request[Any, Any, Any], gpu_id: FromPath[str], snapshots: NamedDependency[SnapshotStore]
) -> ASGIResponse:
    """Answer with one GPU."""
    inventory = (await snapshots.current()).inventory
    try:
        gpu_ids = inventory.gpu_ids(gpu_id, field="gpu_id")
    except UnknownGpu as error:
        raise not_found(error, field="gpu_id") from error
    if len(gpu_ids) != 1:
        raise Refusal(
            f"{gpu_id!r} names several GPUs: {', '.join(gpu_ids)}.",
            status=HTTPStatus.NOT_FOUND,
            code="ambiguous_gpu",
            field="gpu_id",
            allowed=", ".join(gpu_ids),
            nearest=gpu_ids,
        )
    gpu = next(gpu for gpu in inventory.gpus if gpu.gpu_id == gpu_ids[0])
    return answer_value(_to_answer(gpu), if_none_match=request.headers.get("if-none-match"))


def _to_answer(gpu: Gpu) -> GpuAnswer:
    return GpuAnswer(**{name: getattr(gpu, name) for name in gpu.__struct_fields__}, memory_bytes=gpu.memory_bytes)


ROUTER = Router("/v1/gpus", route_handlers=[get_gpus, get_gpu], tags=["inventory"])
