"""What each route needs: its `opt["scope"]`, which is "read" where it names none."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from service.admission.caller import Caller
from service.admission.refusals import missing
from service.inventory.api_keys import Scope

OPEN: Final = {"scope": None}
"""The `opt` of a route that stays open to anybody, whatever the settings say: it tells nothing of the inventory."""


def needed_scope(opt: dict[str, Any]) -> Scope | None:
    """Return the scope that a route of this `opt` needs; None is open to anybody."""
    return opt.get("scope", "read")


def require_scope(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request pass whose caller may do what the route does.

    Raises:
        Refusal: the caller may not.
    """
    scope = needed_scope(handler.opt)
    caller: Caller = connection.auth
    if scope is None or caller.may(scope):
        return
    raise missing(scope, caller=caller)
