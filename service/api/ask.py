"""`/v1/ask`: a question in people's own words, and the plan that answers it."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from planner import Field, InvalidRequest, QuestionNotUnderstood
from service.api.answering import answer_entry
from service.api.documentation import answers, problems, takes
from service.api.query import read_fields
from service.asking import Asking, Reply
from service.cache import make_entry
from service.problems import Refusal

_FIELDS: Final[dict[str, Field]] = {
    "q": Field(kind="text", example="what GPU for 8B at 32k?", description="The question, in English or Chinese.")
}


@get(
    "/",
    summary="Ask in your own words",
    description="Lists what was understood, what was assumed and what was not understood beside the plan.",
    responses={
        **answers(Reply, "What was understood, and the plan for it."),
        **problems(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    },
    **takes(_FIELDS),
)
async def get_reply(request: Request[Any, Any, Any], asking: NamedDependency[Asking]) -> ASGIResponse:
    """Answer the question `q`."""
    given = read_fields(request.scope["query_string"], fields=_FIELDS)
    if "q" not in given:
        example = _FIELDS["q"].example
        raise Refusal(
            f"q, the question, is missing. For example: {example}", code="invalid_q", field="q", allowed="text"
        )
    try:
        entry = make_entry(await asking.ask(given["q"]))
    except InvalidRequest as error:
        if error.field != "question":
            raise
        raise _refuse_question(error) from error
    return answer_entry(entry, if_none_match=request.headers.get("if-none-match"))


def _refuse_question(error: InvalidRequest) -> Refusal:
    examples = tuple(error.allowed.split(" | ")) if isinstance(error, QuestionNotUnderstood) else ()
    allowed = "a question such as the examples" if examples else error.allowed
    return Refusal(error.message, code=error.code, field="q", allowed=allowed, examples=examples)


ROUTER = Router("/v1/ask", route_handlers=[get_reply], tags=["plan"])
