"""From a question as the API has read it to the enquiry that it comes to."""

from collections.abc import Mapping

from bots.answers import AskAnswer
from bots.enquiry import SOUGHT, Enquiry, FieldValue, Task, as_task
from bots.words import Language


def enquiry_of(asked: AskAnswer, *, language: Language) -> Enquiry:
    """Return the enquiry that a question comes to; what its task does not take is put aside."""
    said: Mapping[str, FieldValue] = asked.understood or {}
    not_taken = asked.not_applied or []
    return Enquiry(
        task=_task_of(asked),
        fields={name: value for name, value in said.items() if name not in not_taken},
        aside={name: value for name, value in said.items() if name in not_taken},
        language=language,
    )


def _task_of(asked: AskAnswer) -> Task:
    intent, task = as_task(asked.intent or ""), as_task((asked.endpoint or "").rsplit("/", maxsplit=1)[-1])
    return intent if intent is not None and intent in SOUGHT and task == "fit" else task or "plan"
