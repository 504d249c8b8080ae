"""Checks of engine settings that a request gives."""

from planner.errors import InvalidRequest


def refuse_below(field: str, value: float, lowest: float) -> None:
    """Raise InvalidRequest if the engine's setting `field` is below `lowest`."""
    if value < lowest:
        raise InvalidRequest(
            f"{field} {value} is below {lowest}, the least that this request needs",
            code="invalid_engine_settings",
            field=field,
            allowed=f"at least {lowest}",
            nearest=(lowest,),
        )
