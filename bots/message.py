"""A chat message that cannot be larger than Discord accepts.

The limits are those of Discord's API documentation (message and embed limits). Text is counted in UTF-16 units, which
is never less than what Discord counts.
"""

import re
from collections.abc import Iterable

import msgspec

from bots.controls import Row
from bots.outcomes import Outcome

CONTENT_LIMIT = 2000
TITLE_LIMIT = 256
DESCRIPTION_LIMIT = 4096
FIELD_NAME_LIMIT = 256
FIELD_VALUE_LIMIT = 1024
FOOTER_LIMIT = 2048
FIELDS_LIMIT = 25
EMBED_LIMIT = 6000
ROWS_LIMIT = 5

# a long description or footer must leave room for the fields
DESCRIPTION_SHARE = 3000
_FOOTER_SHARE = 500

_FENCE = "```"
# an underscore between letters or digits marks nothing up
_MARKDOWN = re.compile(r"([\\*~`|>\[\]<#]|(?<![^\W_])_|_(?![^\W_]))")

_ESCAPED = re.compile(r"\\([\\*~`|>\[\]<#_])")
_FENCE_LINE = re.compile(rf"^{_FENCE}\w*\n|\n{_FENCE}$", re.MULTILINE)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A named part of a message; neither the name nor the value may be blank."""

    name: str
    value: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to show inside the box."""

    name: str
    content: bytes


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What the bot says: one line for everyone, below it a box with the details, and below that what can be pressed.

    `is_private` asks that only the person who asked sees it; `outcome` is what the answer counts as. A message over a
    limit cannot be made (`ValueError`); `compose` cuts its parts to size instead.
    """

    content: str
    title: str = ""
    description: str = ""
    fields: tuple[Field, ...] = ()
    footer: str = ""
    rows: tuple[Row, ...] = ()
    picture: Picture | None = None
    is_private: bool = False
    outcome: Outcome = "ok"

    def __post_init__(self) -> None:
        """Refuse what Discord would refuse."""
        sizes = [
            ("content", self.content, CONTENT_LIMIT),
            ("title", self.title, TITLE_LIMIT),
            ("description", self.description, DESCRIPTION_LIMIT),
            ("footer", self.footer, FOOTER_LIMIT),
            *(("field name", field.name, FIELD_NAME_LIMIT) for field in self.fields),
            *(("field value", field.value, FIELD_VALUE_LIMIT) for field in self.fields),
        ]
        wrong = [f"{what} over {limit}" for what, text, limit in sizes if length(text) > limit]
        if len(self.fields) > FIELDS_LIMIT:
            wrong.append(f"more than {FIELDS_LIMIT} fields")
        if embed_length(self) > EMBED_LIMIT:
            wrong.append(f"over {EMBED_LIMIT} in all")
        if not all(field.name.strip() and field.value.strip() for field in self.fields):
            wrong.append("a blank field")
        if not self.content.strip():
            wrong.append("no content")
        if len(self.rows) > ROWS_LIMIT:
            wrong.append(f"more than {ROWS_LIMIT} rows to press")
        if wrong:
            raise ValueError("; ".join(wrong))


def length(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def embed_length(message: Message) -> int:
    """Return the characters of the message's box that Discord adds up."""
    texts = [message.title, message.description, message.footer]
    texts += [text for field in message.fields for text in (field.name, field.value)]
    return sum(map(length, texts))


def compose(
    *,
    content: str,
    title: str = "",
    description: str = "",
    fields: Iterable[Field | None] = (),
    footer: str = "",
    is_private: bool = False,
) -> Message:
    """Return a message inside every limit.

    Long texts are cut with an ellipsis, and the last fields are left out where there are too many: put the most
    important first. A field that is None is none.
    """
    title, description, footer = (
        cut(title, TITLE_LIMIT),
        cut(description, DESCRIPTION_SHARE),
        cut(footer, _FOOTER_SHARE),
    )
    room = EMBED_LIMIT - sum(map(length, (title, description, footer)))
    kept: list[Field] = []
    for field in filter(None, fields):
        fitted = Field(
            name=cut(field.name.strip(), FIELD_NAME_LIMIT), value=cut(field.value.strip(), FIELD_VALUE_LIMIT)
        )
        size = length(fitted.name) + length(fitted.value)
        if fitted.name and fitted.value and size <= room and len(kept) < FIELDS_LIMIT:
            kept.append(fitted)
            room -= size
    return Message(
        content=cut(content.strip(), CONTENT_LIMIT) or "…",
        title=title,
        description=description,
        fields=tuple(kept),
        footer=footer,
        is_private=is_private,
    )


def cut(text: str, limit: int) -> str:
    """Return `text`, or as much of its start as fits `limit` with an ellipsis; a cut code block is closed again."""
    if length(text) <= limit:
        return text
    closing = f"\n{_FENCE}"
    kept = _start(text, limit - 1)
    if not _is_inside_code(kept):
        return f"{kept.rstrip()}…"
    kept = _start(text, limit - 1 - len(closing))
    return f"{kept.rstrip()}…{closing if _is_inside_code(kept) else ''}"


def code_block(text: str, language: str = "") -> str:
    """Return `text` as a code block; a fence inside it is broken up, so that it cannot end the block."""
    inner = text.replace(_FENCE, "`\u200b`\u200b`")
    return f"{_FENCE}{language}\n{inner}\n{_FENCE}"


def plain(text: str) -> str:
    """Return `text` with Discord's markup escaped, so that it is shown as it is written."""
    return _MARKDOWN.sub(r"\\\1", text)


def as_text(message: Message) -> str:
    """Return `message` as text for where nothing renders Discord's markup."""
    parts = [message.content, message.description, *(f"{each.name}:\n{each.value}" for each in message.fields)]
    text = "\n\n".join(part for part in (*parts, message.footer) if part)
    return _FENCE_LINE.sub("", _ESCAPED.sub(r"\1", text))


def _is_inside_code(text: str) -> bool:
    return text.count(_FENCE) % 2 == 1


def _start(text: str, limit: int) -> str:
    """Return the longest start of `text` within `limit` UTF-16 units, never half a character."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * max(limit, 0)].decode("utf-16-le", "ignore")
