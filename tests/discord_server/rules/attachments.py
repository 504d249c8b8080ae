"""Whether what a message says of its files fits the files that came with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tests.discord_server.rules.problem import Json, Problem

_ATTACHED = "attachment://"


def attachment_problems(body: Any, *, names: Sequence[str]) -> list[Problem]:  # noqa: ANN401 - any JSON may arrive
    """Return what is wrong with the attachments that a message names; `names` are those of the files sent with it."""
    if not isinstance(body, dict):
        return []
    request = cast("Json", body)
    sent: Json = request.get("data") or request
    problems: list[Problem] = []
    attachments: list[Json] = sent.get("attachments") or []
    embeds: list[Json] = sent.get("embeds") or []
    for number, attachment in enumerate(attachments):
        named = attachment.get("filename")
        if named is not None and named not in names:
            problems.append(Problem(("attachments", number), "ATTACHMENT_NOT_FOUND", str(named)))
    for number, embed in enumerate(embeds):
        image: Json = embed.get("image") or {}
        address = str(image.get("url") or "")
        if address.startswith(_ATTACHED) and address.removeprefix(_ATTACHED) not in names:
            problems.append(Problem(("embeds", number, "image", "url"), "EMBED_ATTACHMENT_NOT_FOUND", address))
    return problems
