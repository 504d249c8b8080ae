"""`/v1/ask`: a question in people's own words, and the answer to it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast, get_args

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.response.base import ASGIResponse

from planner import FIELDS, FIT_FIELDS, Field, Intent, InvalidRequest, QuestionNotUnderstood, read_field
from service.api.answering import answer_entry
from service.api.body import read_json_object
from service.api.documentation import answers, body_schema_of, problems, takes, takes_body
from service.api.query import read_fields, unknown_parameter
from service.api.task_routes import responses_to_body
from service.asking import Asking, Previous, Reply, read_previous
from service.cache import Entry, make_entry
from service.refusing import Refusal

_QUESTION: Final = Field(
    kind="text",
    example="what GPU for 8B at 32k?",
    allowed='a question such as "what GPU for 8B at 32k?"',
    description="The question, in English or Chinese.",
)
_QUERY_FIELDS: Final = {"q": _QUESTION}
_BODY_FIELDS: Final = {
    "question": _QUESTION,
    "previous": Field(
        kind="object",
        example='{"intent": "plan", "request": {"context": "32k"}}',
        description="What an earlier question came to, which this one changes: its intent, and the fields of it.",
    ),
}
_PREVIOUS: Final = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "intent": Schema(type=OpenAPIType.STRING, enum=list(get_args(Intent))),
        "request": body_schema_of({**FIELDS, **FIT_FIELDS}),
    },
    required=["intent", "request"],
    additional_properties=False,
)
_WHAT: Final = (Reply, "What was understood, and the answer to it.")


@get(
    "/",
    summary="Ask in your own words",
    description="Lists what was understood, what was assumed and what was not understood beside the answer.",
    responses={**answers(*_WHAT), **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)},
    **takes(_QUERY_FIELDS, required=_QUERY_FIELDS),
)
async def get_reply(request: Request[Any, Any, Any], asking: NamedDependency[Asking]) -> ASGIResponse:
    """Answer the question `q`."""
    given = read_fields(request.scope["query_string"], fields=_QUERY_FIELDS)
    entry = await _ask(asking, given, name="q")
    return answer_entry(entry, if_none_match=request.headers.get("if-none-match"))


@post(
    "/",
    status_code=200,
    summary="Ask in your own words, or go on asking",
    description=(
        "As GET. With `previous` the question may be a mere change of an earlier one: `and at 64k?`, `without AMD`. "
        "What it says takes the place of what was said before, what it excludes is excluded as well."
    ),
    responses=responses_to_body(*_WHAT),
    **takes_body(_BODY_FIELDS, required=("question",), objects={"previous": _PREVIOUS}),
)
async def post_reply(request: Request[Any, Any, Any], asking: NamedDependency[Asking]) -> ASGIResponse:
    """Answer the body's question."""
    body = await read_json_object(request)
    for name in body:
        if name not in _BODY_FIELDS:
            raise unknown_parameter(name, known=_BODY_FIELDS)
    given = {name: read_field(name, _BODY_FIELDS[name], raw) for name, raw in body.items() if raw is not None}
    previous = given.get("previous")
    earlier = None if previous is None else read_previous(cast("Mapping[str, object]", previous))
    return answer_entry(await _ask(asking, given, name="question", previous=earlier), if_none_match=None)


async def _ask(asking: Asking, given: Mapping[str, Any], *, name: str, previous: Previous | None = None) -> Entry:
    """Return the reply to the question that `given` holds under `name`."""
    if name not in given:
        raise Refusal(
            f"{name}, the question, is missing. For example: {_QUESTION.example}",
            code=f"invalid_{name}",
            field=name,
            allowed="text",
        )
    try:
        return make_entry(await asking.ask(given[name], previous=previous))
    except InvalidRequest as error:
        if error.field != "question":
            raise
        raise _refuse_question(error, name=name) from error


def _refuse_question(error: InvalidRequest, *, name: str) -> Refusal:
    examples = tuple(error.allowed.split(" | ")) if isinstance(error, QuestionNotUnderstood) else ()
    allowed = "a question such as the examples" if examples else error.allowed
    return Refusal(error.message, code=error.code, field=name, allowed=allowed, examples=examples)


ROUTER = Router("/v1/ask", route_handlers=[get_reply, post_reply], tags=["plan"])
