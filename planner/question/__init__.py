"""A sentence in people's own words -> a request, with what was not understood in plain sight."""

from planner.question.accuracy import QuestionAccuracy, QuestionFailure, accuracy
from planner.question.names import Names, names_from
from planner.question.question import Ambiguity, Intent, Question, QuestionNotUnderstood
from planner.question.reader import MAX_QUESTION_CHARACTERS, read_question

__all__ = [
    "MAX_QUESTION_CHARACTERS",
    "Ambiguity",
    "Intent",
    "Names",
    "Question",
    "QuestionAccuracy",
    "QuestionFailure",
    "QuestionNotUnderstood",
    "accuracy",
    "names_from",
    "read_question",
]
