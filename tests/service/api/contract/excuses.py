"""Requests that fit the OpenAPI document and are refused all the same, each with the reason.

schemathesis loads this file. A refusal that is not listed here, by its `code`, fails the run; so does everything else
that schemathesis finds.
"""

import re
from typing import Any, Final

import msgspec
import schemathesis

_UNKNOWN_NAMES: Final = re.compile("(unknown|ambiguous)_(gpu|model|region|provider|instance_type)$")
"""Which GPUs, models, regions and so on there are is known to the inventory only."""

_CODES: Final = {
    "precondition_failed": "which ETag is the one of now is told by a GET only",
    "invalid_cursor": "a cursor is what the list itself gave out",
    "empty_body": "schemathesis writes a CSV without rows and columns as no bytes at all",
    "not_understood": "a schema cannot say what a question is",
    "invalid_q": "what counts as blank is what Unicode calls so",
    "question_too_long": "its length is counted in what is read, after blanks are put together",
    "invalid_machine": "a machine is named by exactly one of several fields",
    "invalid_engine_settings": "options of several engines do not go together",
    "invalid_engine_version": "a version belongs to one engine",
    "invalid_weight_format": "which formats are left is a matter of engine and quality",
    "invalid_max_usd": "a ceiling of purchases goes with pricing=buy alone",
    "invalid_tensor_parallel_size": "it divides the heads of the model that is asked for",
    "invalid_context": "how far context reaches is a matter of the model",
    "invalid_batch": "as is its bound with a context",
    "invalid_prompt_tokens": "a prompt and its answer are within the context together",
    "invalid_output_tokens": "as invalid_prompt_tokens",
    "invalid_config": "what a config.json must hold is a matter of the architecture that it names",
    "invalid_model": "a model's name and a config exclude each other",
    "unsupported_model": "as invalid_config",
    "missing_start": "an end goes with a start alone",
    "invalid_end": "an end is after its start",
    "invalid_as_of": "a past day is one that is past",
    "idempotency_key_reused": "which keys were used is known from requests before",
    "invalid_name": "own lists have a name, the catalogues of others none; printable is what Unicode calls so",
    "invalid_provider": "printable is what Unicode calls so",
    "invalid_provider_kind": "printable is what Unicode calls so",
}
_FIELDS: Final = {
    "/v1/inventory/offers": {"gpu_id", "provider", "usd_per_hour", "purchase_usd", "as_of", "instance_type", "region"},
    "/v1/inventory/imports": {"as_of", "name", "provider", "provider_kind"},
    "/v1/inventory/nodes": {"gpu_id"},
    "/v1/inventory/reservations": {"end", "allocations"},
    "/v1/reservations": {"end", "allocations"},
}
"""Fields of bodies that must fit the inventory, each other or the calendar, by the path that takes them."""


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType]  (typed for both of its uses at once)
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ANN401 - schemathesis types none of it
    """Return whether a failure stands: all but the refusals that are excused here."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    problem: dict[str, Any] = msgspec.json.decode(response.content)
    code: str = problem["code"]
    if code == "invalid_fields":
        fitting = next((fields for path, fields in _FIELDS.items() if case.operation.path.startswith(path)), set[str]())
        # Of an object each name at fault is told: allocations.gpu-01.
        return not {error["field"].partition(".")[0] for error in problem["errors"]} <= fitting
    if case.operation.path == "/v1/ask" and code.startswith("invalid_"):
        # What a question says is refused as the request that it becomes: "0 GPUs" is a question.
        return False
    return code not in _CODES and not _UNKNOWN_NAMES.match(code)
