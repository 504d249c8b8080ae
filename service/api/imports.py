"""`/v1/inventory/imports`: catalogues handed in as files, and what became of them."""

import asyncio
import zipfile
from contextlib import AsyncExitStack
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec import Struct

from service.admission.caller import Caller
from service.api.answering import answer_value
from service.api.documentation import answers, problems, takes
from service.api.import_fields import IMPORT_FIELDS, missing, read_import_fields
from service.api.paging import PAGING
from service.api.query import read_fields
from service.importing.uploads import ImportUnderWay, Uploads
from service.inventory.import_jobs import ImportJob, ImportJobReport
from service.inventory.importers.catalogue import MAX_REFUSED
from service.inventory.importers.formats import FORMATS
from service.inventory.importers.importing import ImportRequest
from service.inventory.listing import DEFAULT_LIMIT
from service.refusing import Refusal

MAX_UPLOAD_BYTES: Final = 256 * 1024 * 1024
_OPT: Final = {"scope": "write", "names_all_faults": True}
_FILE: Final = "upload.csv"
_BYTES: Final = Schema(
    type=OpenAPIType.STRING,
    format="binary",  # pyright: ignore[reportArgumentType]  (Litestar's own formats lack it)
    min_length=1,
)
_BODY: Final = RequestBody(
    required=True,
    description=f"The file itself, or a zip of files: at most {MAX_UPLOAD_BYTES >> 20} MiB.",
    content={
        media_type: OpenAPIMediaType(schema=_BYTES)
        for media_type in ("application/octet-stream", "text/csv", "application/zip")
    }
    # Our own list: any JSON is taken and told to be none in the import's report.
    | {"application/json": OpenAPIMediaType(schema=Schema())},
)


class ImportJobList(Struct, frozen=True, kw_only=True):
    """Imports that were handed in, the newest first; `next_cursor` leads to the page after this one, null to none."""

    items: tuple[ImportJob, ...]
    next_cursor: str | None


@post(
    "/",
    status_code=202,
    summary="Hand a catalogue in",
    description=(
        "The body is the file, streamed. The answer comes before the import is made: `Location` names where it is told "
        "how that goes. One import at a time: while one is under way, others are answered with 409."
    ),
    # Counted here, as it comes.
    request_max_body_size=None,
    responses={
        202: ResponseSpec(data_container=ImportJobReport, description="It has begun.", generate_examples=False),
        **problems(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.CONFLICT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    },
    **takes(IMPORT_FIELDS, opt=_OPT, body=_BODY, required=("format",)),
)
async def post_import(request: Request[Any, Caller, Any], uploads: NamedDependency[Uploads]) -> ASGIResponse:
    """Take a file, and begin to import it."""
    given = read_import_fields(request.scope["query_string"])
    _check_body(request)
    async with AsyncExitStack() as files:
        folder = await asyncio.to_thread(TemporaryDirectory, prefix="r1plan-upload-")
        files.push_async_callback(asyncio.to_thread, folder.cleanup)
        path = Path(folder.name) / _FILE
        size_bytes = await _save(request, path)
        format_ = FORMATS[given["format"]]
        # The files of a zip tell whose they are by their names; one file was called anything.
        if not format_.is_own and "provider" not in given and not await asyncio.to_thread(zipfile.is_zipfile, path):
            raise missing("provider", "whose catalogue the one file is, such as aws")
        order = ImportRequest(
            format=format_,
            source=str(path),
            location="upload",
            provider=given.get("provider"),
            provider_kind=given.get("provider_kind"),
            name=given.get("name"),
            as_of=given.get("as_of"),
            max_refused=given.get("max_refused", MAX_REFUSED),
            max_vanished_share=given.get("max_vanished", 50) / 100,
            is_dry_run=given.get("dry_run", False),
        )
        try:
            import_id = await uploads.begin(
                order, size_bytes=size_bytes, actor=request.auth.actor, files=files.pop_all()
            )
        except ImportUnderWay:
            raise Refusal(
                "Another import is under way; send the file again when it has ended.",
                status=HTTPStatus.CONFLICT,
                code="import_under_way",
            ) from None
    return ASGIResponse(
        status_code=HTTPStatus.ACCEPTED,
        body=msgspec.json.encode(await uploads.load(import_id)),
        media_type="application/json",
        headers={"location": f"/v1/inventory/imports/{import_id}", "cache-control": "no-store"},
    )


@get(
    "/",
    summary="Catalogues handed in",
    responses={
        **answers(ImportJobList, "A page of imports."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(PAGING),
)
async def get_imports(request: Request[Any, Any, Any], uploads: NamedDependency[Uploads]) -> ASGIResponse:
    """Answer with a page of imports."""
    given = read_fields(request.scope["query_string"], fields=PAGING)
    page = await uploads.list(cursor=given.get("cursor"), limit=given.get("limit", DEFAULT_LIMIT))
    answer = ImportJobList(items=page.jobs, next_cursor=page.next_cursor)
    return answer_value(answer, if_none_match=request.headers.get("if-none-match"))


@get(
    "/{import_id:int}",
    summary="What became of an import",
    description="How far it is, and when it is done its report: the numbers, and the first rows behind each.",
    responses={
        **answers(ImportJobReport, "The import."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes({}),
)
async def get_import(
    request: Request[Any, Any, Any], import_id: FromPath[int], uploads: NamedDependency[Uploads]
) -> ASGIResponse:
    """Answer with one import."""
    return answer_value(await uploads.load(import_id), if_none_match=request.headers.get("if-none-match"))


def _check_body(request: Request[Any, Any, Any]) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if media_type.startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise Refusal(
            f"The body is said to be {media_type[:80]!r}. Allowed: the bytes of the file themselves.",
            status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            code="unsupported_media_type",
            field="content-type",
            allowed="application/octet-stream",
        )
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_UPLOAD_BYTES:
        raise _too_large()


def _too_large() -> Refusal:
    allowed = f"up to {MAX_UPLOAD_BYTES:,} bytes"
    return Refusal(
        f"The file is too large. Allowed: {allowed}.",
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        code="body_too_large",
        field="body",
        allowed=allowed,
    )


async def _save(request: Request[Any, Any, Any], path: Path) -> int:
    """Write the body to `path` as it comes, and return its size in bytes."""
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_UPLOAD_BYTES:
                    raise _too_large()
                await asyncio.to_thread(file.write, chunk)
        except InternalServerException as error:
            # What Litestar says of a client that went away before it had sent everything: no fault of the service.
            raise Refusal(
                "The body ends before its length.", code="incomplete_body", field="body", allowed="a whole file"
            ) from error
    if not size:
        raise Refusal("The body is empty. Allowed: a file.", code="empty_body", field="body", allowed="a file")
    return size


ROUTER = Router("/v1/inventory/imports", route_handlers=[post_import, get_imports, get_import], tags=["inventory"])
