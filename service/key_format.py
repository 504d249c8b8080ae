"""What an API key looks like, `r1p_<id>_<secret>`, how its secret is hashed, and how it is struck out of a text.

The secret is 256 random bits, so it is hashed once by BLAKE2b and not by a slow function such as Argon2: those make
guessing dear where there is something to guess from, a dictionary of passwords, and there is none here. Every request
would pay for the slowness. docs/decisions/0004-api-keys.md says it at length.
"""

import hashlib
import re
import secrets
from typing import Final

from msgspec import Struct

_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_PERSON: Final = b"r1plan api key"  # the same secret hashed for another purpose would give another hash
_KEY: Final = re.compile(r"r1p_([0-9a-f]{12})_([0-9a-f]{64})")
# Broken off anywhere in its secret, too: a text may have been cut before it is looked at.
_TRACE: Final = re.compile(r"(r1p_[0-9a-f]{12}_)[0-9a-f]+")


class PresentedKey(Struct, frozen=True):
    """A key as somebody presents it: its id, and the hash of its secret (hexadecimal)."""

    key_id: str
    secret_hash: str


def make_key() -> str:
    """Return a new key; nobody has seen it and nobody can guess it."""
    return f"r1p_{secrets.token_hex(_ID_BYTES)}_{secrets.token_hex(_SECRET_BYTES)}"


def read_key(text: str) -> PresentedKey | None:
    """Return what `text` presents, or None where it is no key."""
    found = _KEY.fullmatch(text)
    if found is None:
        return None
    digest = hashlib.blake2b(found[2].encode(), digest_size=32, person=_PERSON)
    return PresentedKey(found[1], digest.hexdigest())


def holds_key(text: str) -> bool:
    """Return whether a key, or the beginning of one's secret, stands somewhere in `text`."""
    return "r1p_" in text and _TRACE.search(text) is not None


def strike_out_keys(text: str) -> str:
    """Return `text` with the secret of every key in it replaced; the id stays, and says which key was there."""
    return _TRACE.sub(r"\1***", text) if "r1p_" in text else text
