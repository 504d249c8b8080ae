"""A sentence in people's own words -> a request, with what was not understood in plain sight."""

from planner.question.accuracy import QuestionAccuracy, QuestionFailure, accuracy
from planner.question.follow_up import follow
from planner.question.fragment import Fragment, read_fragment
from planner.question.names import Names, names_from
from planner.question.question import Ambiguity, Intent, Question, QuestionNotUnderstood
from planner.question.reader import MAX_QUESTION_CHARACTERS, read_question

__all__ = [
    "MAX_QUESTION_CHARACTERS",
    "Ambiguity",
    "Fragment",
    "Intent",
    "Names",
    "Question",
    "QuestionAccuracy",
    "QuestionFailure",
    "QuestionNotUnderstood",
    "accuracy",
    "follow",
    "names_from",
    "read_fragment",
    "read_question",
]
