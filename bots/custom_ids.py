"""What a button, a select or a form says when it is used: Discord's custom id, at most 100 characters.

`r1.ACTION.OWNER.STATE`: the number is the version of this way of writing; the owner is the user for whom the message
was made, in base 36; the state is an encoded enquiry, or where that is too long, `*` and the key that it is kept under.
"""

from typing import Final, cast, get_args

import msgspec

from bots.controls import Action
from bots.encoding import decode, encode
from bots.enquiry import Enquiry
from bots.states import States

LONGEST: Final = 100
_VERSION: Final = "r1"
_KEPT: Final = "*"
# what goes before the state: version, action with a number that tells buttons apart, and owner
_LONGEST_STATE: Final = LONGEST - len("r1.launch99.zzzzzzzzzzzzz.")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """What was pressed: the action, for whom the message was made, and the state as written."""

    action: Action
    owner_id: int
    state: str


async def write_state(enquiry: Enquiry, *, states: States) -> str:
    """Return the state of a custom id; what is too long for one is put into `states`."""
    text = encode(enquiry)
    return text if len(text) <= _LONGEST_STATE else _KEPT + await states.keep(text)


async def read_state(state: str, *, states: States) -> Enquiry | None:
    """Return the enquiry of a state, or None where it is not kept any more or nobody here wrote it."""
    text = await states.recall(state.removeprefix(_KEPT)) if state.startswith(_KEPT) else state
    return None if text is None else decode(text)


def write_custom_id(action: Action, *, number: int = 0, owner_id: int, state: str) -> str:
    """Return the custom id; `number` tells buttons of one message apart that do the same."""
    return f"{_VERSION}.{action}{number or ''}.{_write_number(owner_id)}.{state}"


def read_custom_id(custom_id: str) -> Press | None:
    """Return what a custom id says, or None where it is of another version or of somebody else."""
    parts = custom_id.split(".", 3)
    if len(parts) != len(("version", "action", "owner", "state")) or parts[0] != _VERSION:
        return None
    action = parts[1].rstrip("0123456789")
    if action not in get_args(Action) or not parts[2] or any(letter not in _DIGITS for letter in parts[2]):
        return None
    return Press(action=cast("Action", action), owner_id=int(parts[2], 36), state=parts[3])


def _write_number(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, len(_DIGITS))
        text = _DIGITS[rest] + text
    return text or "0"
