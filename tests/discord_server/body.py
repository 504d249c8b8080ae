"""The body of a bot's request: JSON, or a form with JSON and files beside it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_server.exchange import Answer, File
from tests.discord_server.rules.problem import Problem, as_discord_error

MOST_FILE_BYTES = 10_485_760
MOST_FILES = 10

_FILE = re.compile(r"files\[(\d+)\]")


@dataclass(kw_only=True)
class Body:
    """What was sent; `refusal` is there where Discord would not even look at it."""

    value: Any = None
    files: list[File] = field(default_factory=list[File])
    refusal: Answer | None = None


async def read_body(request: web.Request) -> Body:
    """Read the body of a request."""
    if request.content_type == "multipart/form-data":
        return await _read_form(request)
    raw = await request.read()
    if not raw:
        return Body()
    if request.content_type != "application/json":
        return Body(refusal=Answer(status=400, body={"message": "this kind of body is not known", "code": 50035}))
    return _read_json(raw)


async def _read_form(request: web.Request) -> Body:
    payload, files = b"{}", list[File]()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        found = _FILE.fullmatch(part.name or "")
        if part.name == "payload_json":
            payload = content
        elif found:
            files.append(File(number=found[1], name=part.filename or "", content=content))
    body = _read_json(payload)
    body.files = files
    problems = _file_problems(files)
    if problems and body.refusal is None:
        body.refusal = Answer(status=400, body=as_discord_error(problems))
    return body


def _read_json(raw: bytes) -> Body:
    try:
        return Body(value=json.loads(raw))
    except ValueError:
        return Body(
            refusal=Answer(status=400, body={"message": "The request body contains invalid JSON.", "code": 50109})
        )


def _file_problems(files: list[File]) -> list[Problem]:
    problems = [
        Problem(("files", int(file.number)), "BASE_TYPE_BAD_LENGTH", f"{len(file.content)} bytes")
        for file in files
        if len(file.content) > MOST_FILE_BYTES or not file.content or not file.name
    ]
    if len(files) > MOST_FILES:
        problems.append(Problem(("files",), "BASE_TYPE_BAD_LENGTH", f"{MOST_FILES} files at most"))
    return problems
