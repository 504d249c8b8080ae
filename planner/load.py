"""The load that speed and cost are figured for: what a typical sequence brings and is given."""

from planner.errors import InvalidRequest
from planner.request import PlanRequest
from planner.speed import Work

DEFAULT_PROMPT_TOKENS = 1_024
DEFAULT_OUTPUT_TOKENS = 4_096
"""These models think long before they answer: both were evaluated with limits of 32k and 64k tokens of output."""


def typical_work(request: PlanRequest) -> Work:
    """Return the tokens of a typical prompt and answer, within the context; what is not given is assumed.

    Raises InvalidRequest (`invalid_output_tokens` or `invalid_prompt_tokens`) where they do not fit the context.
    """
    given_prompt, given_output = request.prompt_tokens, request.output_tokens
    asked = (given_prompt or 1) + (given_output or 1)
    if asked > max(request.context, 2):
        field = "output_tokens" if given_output is not None else "prompt_tokens"
        most = max(1, request.context - (asked - (getattr(request, field) or 1)))
        raise InvalidRequest(
            f"prompt_tokens and output_tokens make {asked:,} tokens, more than the context of {request.context:,}.",
            code=f"invalid_{field}",
            field=field,
            allowed=f"1 to {most:,}, with this context",
            nearest=(most,),
        )
    if given_prompt is not None:
        output = given_output or min(DEFAULT_OUTPUT_TOKENS, max(1, request.context - given_prompt))
        return Work(prompt_tokens=given_prompt, output_tokens=output)
    room = max(1, request.context - (given_output or 1))
    prompt = min(DEFAULT_PROMPT_TOKENS, room if given_output is not None else max(1, request.context // 4))
    output = given_output or min(DEFAULT_OUTPUT_TOKENS, max(1, request.context - prompt))
    return Work(prompt_tokens=prompt, output_tokens=output)
