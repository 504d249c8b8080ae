"""The largest context or batch of a machine: which enquiry is about it, and the answer that shows it."""

import msgspec

from bots.answers import AskedAnswer
from bots.enquiry import SOUGHT, Enquiry, FieldValue

_DEPLOYMENT = ("weight_format", "kv_cache_dtype", "engine")


def at_the_most(enquiry: Enquiry, answer: AskedAnswer) -> Enquiry | None:
    """Return the enquiry about the largest context or batch that `answer` names, deployed as there.

    None where nothing of the kind is sought, or nothing fits.
    """
    sought = SOUGHT.get(enquiry.task)
    most = most_of(enquiry, answer)
    if sought is None or not most:
        return None
    deployed: dict[str, FieldValue | None] = {name: getattr(answer, name) for name in _DEPLOYMENT}
    if "gpu" in enquiry.fields and answer.gpu is not None:
        deployed |= {"gpu": answer.gpu.gpu_id, "gpu_count": answer.gpu_count}
    given = {name: value for name, value in deployed.items() if value is not None}
    return msgspec.structs.replace(enquiry.change(**given, **{sought: most}), task="fit")


def most_of(enquiry: Enquiry, answer: AskedAnswer) -> int | None:
    """Return the largest context or batch, whichever the enquiry seeks."""
    return answer.max_context if SOUGHT.get(enquiry.task) == "context" else answer.max_batch


def with_the_most(answer: AskedAnswer, most: AskedAnswer) -> AskedAnswer:
    """Return the judgement of `most`, asked as `answer` was and with the other machines that it names."""
    return msgspec.structs.replace(most, request=answer.request, others=answer.others)
