"""The limits of application commands."""

from __future__ import annotations

import unicodedata

from tests.discord_server.rules.problem import BAD_LENGTH, Json, Path, Problem, check_length, under

CHAT_INPUT = 1
SUBCOMMANDS = (1, 2)
MOST_CHAT_COMMANDS = 100
MOST_COMBINED_CHARACTERS = 8000
MOST_CHOICES = 25
MOST_NESTING = 2

# fmt: off
LOCALES = frozenset((
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
    "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
))
# fmt: on


def commands_problems(commands: list[Json]) -> list[Problem]:
    """Return what is wrong with all commands of one scope."""
    problems: list[Problem] = []
    seen: set[tuple[int, str]] = set()
    for number, command in enumerate(commands):
        problems += under(_command(command), number)
        key = (command.get("type", CHAT_INPUT), command.get("name", ""))
        if key in seen:
            problems.append(Problem((number, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", "name used twice"))
        seen.add(key)
    if sum(command.get("type", CHAT_INPUT) == CHAT_INPUT for command in commands) > MOST_CHAT_COMMANDS:
        problems.append(Problem((), "APPLICATION_COMMANDS_MAX", f"{MOST_CHAT_COMMANDS} chat input commands at most"))
    return problems


def choice_problems(choices: list[Json]) -> list[Problem]:
    """Return what is wrong with the choices of an option, or with suggestions."""
    problems = check_length({"choices": choices}, "choices", MOST_CHOICES)
    for number, choice in enumerate(choices):
        problems += under(check_length(choice, "name", 100, least=1), "choices", number)
        if isinstance(choice.get("value"), str):
            problems += under(check_length(choice, "value", 100), "choices", number)
    return problems


def is_good_name(name: str) -> bool:
    """Tell whether a command or an option may bear `name`."""
    return 1 <= len(name) <= 32 and name == name.lower() and all(map(_is_name_character, name))


def _is_name_character(character: str) -> bool:
    return (
        character in "-_'"
        or unicodedata.category(character)[0] in "LN"
        or unicodedata.name(character, "").startswith(("DEVANAGARI", "THAI"))
    )


def _command(command: Json) -> list[Problem]:
    if command.get("type", CHAT_INPUT) != CHAT_INPUT:
        return _locales(command, is_chat=False)
    problems = _named(command, depth=0)
    if _weight(command) > MOST_COMBINED_CHARACTERS:
        limit = f"combined text over {MOST_COMBINED_CHARACTERS}"
        problems.append(Problem((), "APPLICATION_COMMAND_TOO_LARGE", limit))
    return problems


def _named(item: Json, *, depth: int) -> list[Problem]:
    """Return what is wrong with a command or an option, and with the options below it."""
    problems = _locales(item, is_chat=True)
    if not is_good_name(item.get("name", "")):
        problems.append(Problem(("name",), "APPLICATION_COMMAND_INVALID_NAME", repr(item.get("name"))))
    if not 1 <= len(item.get("description") or "") <= 100:
        problems.append(Problem(("description",), BAD_LENGTH, "1 to 100"))
    options: list[Json] = item.get("options") or []
    problems += check_length(item, "options", 25)
    names = [option.get("name") for option in options]
    if len(set(names)) != len(names):
        problems.append(Problem(("options",), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", str(names)))
    is_optional_seen = False
    for number, option in enumerate(options):
        path: Path = ("options", number)
        is_subcommand = option.get("type") in SUBCOMMANDS
        if is_subcommand and depth >= MOST_NESTING:
            problems.append(Problem(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "nested too deep"))
        if option.get("required") and is_optional_seen:
            problems.append(Problem(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "required after optional"))
        is_optional_seen |= not option.get("required") and not is_subcommand
        if option.get("autocomplete") and option.get("choices"):
            problems.append(Problem(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", "both set"))
        problems += under([*choice_problems(option.get("choices") or []), *_named(option, depth=depth + 1)], *path)
    return problems


def _locales(item: Json, *, is_chat: bool) -> list[Problem]:
    problems: list[Problem] = []
    for table in ("name_localizations", "description_localizations"):
        texts: dict[str, str] = item.get(table) or {}
        for locale, text in texts.items():
            if locale not in LOCALES:
                problems.append(Problem((table, locale), "ENUM_TYPE_COERCE", "unknown locale"))
            if table == "name_localizations" and is_chat and not is_good_name(text):
                problems.append(Problem((table, locale), "APPLICATION_COMMAND_INVALID_NAME", repr(text)))
    return problems


def _weight(item: Json) -> int:
    """Return the characters of a command or option that count; of a text and its translations the longest."""
    choices: list[Json] = item.get("choices") or []
    options: list[Json] = item.get("options") or []
    total = _longest(item, "name") + _longest(item, "description")
    total += sum(_longest(choice, "name") + len(str(choice.get("value", ""))) for choice in choices)
    return total + sum(map(_weight, options))


def _longest(item: Json, name: str) -> int:
    texts: dict[str, str] = item.get(f"{name}_localizations") or {}
    return max(len(text) for text in (item.get(name) or "", *texts.values()))
