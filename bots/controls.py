"""What can be pressed below a message."""

from typing import Literal, TypeAlias

from msgspec import Struct

from bots.enquiry import Enquiry

BUTTONS_IN_A_ROW = 5
LONGEST_LABEL = 80
LONGEST_URL = 512
MOST_CHOICES = 25
LONGEST_CHOICE = 100

Action: TypeAlias = Literal["show", "gpu", "launch", "words", "say"]
"""`show` the enquiry instead; the same with another `gpu`; its `launch` command; ask for `words` and `say` them."""


class Button(Struct, frozen=True, kw_only=True):
    """Something to press; `enquiry` is what is shown, launched or changed then."""

    label: str
    enquiry: Enquiry
    action: Action = "show"
    is_off: bool = False


class Link(Struct, frozen=True, kw_only=True):
    """A button that opens an address."""

    label: str
    url: str


class Choice(Struct, frozen=True, kw_only=True):
    """One line of a select."""

    label: str
    value: str
    note: str = ""


class Select(Struct, frozen=True, kw_only=True):
    """A list to choose one line from; the choice changes `enquiry`."""

    placeholder: str
    enquiry: Enquiry
    choices: tuple[Choice, ...]
    action: Action = "gpu"


Row: TypeAlias = tuple[Button | Link, ...] | tuple[Select]
"""Up to five buttons side by side, or one select."""
