"""Query strings: read strictly, every parameter known and spelt in UTF-8."""

from collections.abc import Collection
from urllib.parse import parse_qsl

from planner import suggest
from service.problems import Refusal

MAX_PARAMETERS = 200


def read_query(query: bytes, *, known: Collection[str]) -> dict[str, list[str]]:
    """Return every parameter of the raw query string `query` with its values, in the order they came.

    Raises:
        Refusal: a parameter that is not `known`, more than MAX_PARAMETERS of them, or bytes that are not UTF-8.
    """
    try:
        pairs = parse_qsl(query.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise Refusal("The query string is not UTF-8.", code="invalid_encoding") from None
    except ValueError:
        raise Refusal(
            f"The query string has more than {MAX_PARAMETERS} parameters.", code="too_many_parameters"
        ) from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in known:
            raise unknown_parameter(name, known=known)
        values.setdefault(name, []).append(value)
    return values


def unknown_parameter(name: str, *, known: Collection[str]) -> Refusal:
    """Return the refusal of a query parameter that the path does not know."""
    nearest = suggest(name, {each: each for each in known})
    hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
    takes = ", ".join(known) if known else "none"
    return Refusal(
        f"Unknown query parameter {name[:80]!r}.{hint}",
        code="unknown_parameter",
        field=name[:80],
        allowed=takes,
        nearest=tuple(nearest),
    )


def read_once(values: dict[str, list[str]], name: str) -> str | None:
    """Return the one value of the parameter `name`, or None where it is not given.

    Raises:
        Refusal: it is given several times.
    """
    found = values.get(name)
    if found is None:
        return None
    if len(found) > 1:
        raise Refusal(
            f"{name} must be given once, not {len(found)} times.",
            code=f"invalid_{name}",
            field=name,
            allowed="one value",
        )
    return found[0]
