"""The limits of buttons, selects and their rows (version 1 of components: action rows only)."""

from __future__ import annotations

from tests.discord_server.rules.problem import BAD_LENGTH, Json, Problem, check_length, under

ROW, BUTTON, TEXT_SELECT = 1, 2, 3
SELECTS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6
MOST_ROWS = 5
MOST_BUTTONS_IN_A_ROW = 5
MOST_COMPONENTS = 40


def component_problems(rows: list[Json], *, is_layout: bool) -> list[Problem]:
    """Return what is wrong with a message's components; `is_layout` is the flag for version 2, which needs no rows."""
    everything = _walk(rows, ("components",))
    problems: list[Problem] = []
    if rows and not is_layout and (len(rows) > MOST_ROWS or any(row.get("type") != ROW for row in rows)):
        problems.append(Problem(("components",), BAD_LENGTH, f"{MOST_ROWS} action rows at most"))
    if len(everything) > MOST_COMPONENTS:
        problems.append(Problem(("components",), BAD_LENGTH, f"{MOST_COMPONENTS} components at most"))
    seen: set[str] = set()
    for path, component in everything:
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            problems.append(Problem((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", custom_id))
        seen.add(custom_id or "")
        problems += under(_one(component), *path)
    return problems


def _walk(components: list[Json], path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], Json]]:
    found: list[tuple[tuple[str | int, ...], Json]] = []
    for number, component in enumerate(components):
        found.append(((*path, number), component))
        found += _walk(component.get("components") or [], (*path, number, "components"))
    return found


def _one(component: Json) -> list[Problem]:
    problems = check_length(component, "custom_id", 100, least=1)
    kind = component.get("type")
    if kind == ROW:
        problems += _row(component)
    elif kind == BUTTON:
        problems += _button(component)
    elif kind in SELECTS:
        problems += check_length(component, "placeholder", 150)
        problems += _select(component) if kind == TEXT_SELECT else []
    return problems


def _row(row: Json) -> list[Problem]:
    inner: list[Json] = row.get("components") or []
    if any(component.get("type") in SELECTS for component in inner) and len(inner) > 1:
        return [Problem((), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "a select fills its row")]
    return check_length(row, "components", MOST_BUTTONS_IN_A_ROW, least=1)


def _button(button: Json) -> list[Problem]:
    problems = [*check_length(button, "label", 80), *check_length(button, "url", 512)]
    style = button.get("style")
    has_target = button.get("url") if style == LINK else button.get("custom_id")
    if style != PREMIUM and not has_target:
        problems.append(Problem((), "BUTTON_COMPONENT_INVALID", "url or custom_id missing"))
    if style != PREMIUM and not (button.get("label") or button.get("emoji")):
        problems.append(Problem((), "BUTTON_COMPONENT_INVALID", "label or emoji missing"))
    return problems


def _select(select: Json) -> list[Problem]:
    options: list[Json] = select.get("options") or []
    values = [option.get("value") for option in options]
    problems = check_length(select, "options", 25, least=1)
    if len(set(values)) != len(values):
        problems.append(Problem(("options",), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", str(values)[:80]))
    if (select.get("max_values") or 1) > max(1, len(values)):
        problems.append(Problem(("max_values",), "SELECT_COMPONENT_INVALID", "more than there are options"))
    for number, option in enumerate(options):
        for name in ("label", "value", "description"):
            problems += under(check_length(option, name, 100), "options", number)
    return problems
