"""The limits of embeds."""

from __future__ import annotations

from tests.discord_server.rules.problem import REQUIRED, Json, Problem, check_length, under

MOST_EMBEDS = 10
MOST_CHARACTERS = 6000


def embed_problems(embeds: list[Json]) -> list[Problem]:
    """Return what is wrong with a message's embeds."""
    problems = check_length({"embeds": embeds}, "embeds", MOST_EMBEDS)
    if sum(map(_characters, embeds)) > MOST_CHARACTERS:
        problems.append(Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"over {MOST_CHARACTERS} in all"))
    for number, embed in enumerate(embeds):
        problems += under(_one(embed), "embeds", number)
    return problems


def _one(embed: Json) -> list[Problem]:
    fields: list[Json] = embed.get("fields") or []
    problems = [
        *check_length(embed, "title", 256),
        *check_length(embed, "description", 4096),
        *check_length(embed, "fields", 25),
        *under(check_length(embed.get("footer") or {}, "text", 2048), "footer"),
        *under(check_length(embed.get("author") or {}, "name", 256), "author"),
    ]
    for number, field in enumerate(fields):
        found = [*check_length(field, "name", 256), *check_length(field, "value", 1024)]
        found += [Problem((key,), REQUIRED, "blank") for key in ("name", "value") if not (field.get(key) or "").strip()]
        problems += under(found, "fields", number)
    return problems


def _characters(embed: Json) -> int:
    """Return how many characters of an embed count towards the limit for all; blanks at both ends do not."""
    fields: list[Json] = embed.get("fields") or []
    footer: Json = embed.get("footer") or {}
    author: Json = embed.get("author") or {}
    texts = [embed.get("title"), embed.get("description"), footer.get("text"), author.get("name")]
    texts += [text for field in fields for text in (field.get("name"), field.get("value"))]
    return sum(len((text or "").strip()) for text in texts)
