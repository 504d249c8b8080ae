"""The limits of a message."""

from __future__ import annotations

from tests.discord_server.rules.components import component_problems
from tests.discord_server.rules.embeds import embed_problems
from tests.discord_server.rules.problem import EMPTY_MESSAGE, Json, Problem, check_length

MOST_CONTENT = 2000
LAYOUT_FLAG = 1 << 15


def message_problems(message: Json, *, is_edit: bool) -> list[Problem]:
    """Return what is wrong with a message that a bot sends, or with an edit of one."""
    embeds: list[Json] = message.get("embeds") or []
    components: list[Json] = message.get("components") or []
    content: str = message.get("content") or ""
    is_layout = bool((message.get("flags") or 0) & LAYOUT_FLAG)
    problems = [
        *check_length(message, "content", MOST_CONTENT),
        *embed_problems(embeds),
        *component_problems(components, is_layout=is_layout),
    ]
    if is_layout and (content or embeds):
        problems.append(
            Problem(
                ("flags",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "content or embeds with a layout"
            )
        )
    others = [message.get(name) for name in ("sticker_ids", "attachments", "poll")]
    if not is_edit and not (content.strip() or embeds or components or any(others)):
        problems.append(Problem(("content",), EMPTY_MESSAGE, "nothing to send"))
    return problems
