"""Words that people write into the inventory: one rule for them, by whatever way they come."""

import re
from typing import Final

from service.inventory.errors import InvalidEntry

# Control characters, line breaks, and marks that turn the direction of writing: they forge what is shown beside them.
UNPRINTABLE: Final = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff"
"""The characters that no words hold, as they stand in a set of a regular expression."""

# `$` alone would let one line break pass.
END: Final = r"$(?!\n)"
LINE: Final = f"^[^{UNPRINTABLE}]*{END}"
FILLED_LINE: Final = rf"^[^{UNPRINTABLE}]*[^{UNPRINTABLE}\s][^{UNPRINTABLE}]*{END}"
LINE_IN_WORDS: Final = "one line of printable characters"


def find_line_fault(text: str, *, field: str, most: int, least: int = 0) -> InvalidEntry | None:
    """Return what is wrong with `text`: one line of `least` to `most` printable characters will do, of any script."""
    pattern = FILLED_LINE if least else LINE
    is_printable = re.search(pattern, text) is not None and text == text.encode(errors="replace").decode()
    if is_printable and least <= len(text) <= most:
        return None
    allowed = f"text of {least} to {most:,} characters: {LINE_IN_WORDS}"
    return InvalidEntry(f"{field} cannot be {ascii(text)[:80]}. Allowed: {allowed}.", field=field, allowed=allowed)
