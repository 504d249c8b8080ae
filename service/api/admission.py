"""What OpenAPI says about who may use each route."""

from http import HTTPStatus
from typing import Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from service.admission.guard import needed_scope
from service.api.documentation import problems

KEY_SCHEME: Final = "key"


def document_admission(litestar: Litestar, *, requires_key_to_read: bool) -> None:
    """Add to every route what it needs by its `opt`, and what who may not is answered.

    To be called before the document is first asked for.
    """
    for route in litestar.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler):
                _document(handler, requires_key_to_read=requires_key_to_read)


def _document(handler: HTTPRouteHandler, *, requires_key_to_read: bool) -> None:
    scope = needed_scope(handler.opt)
    if scope is None:
        return
    needs_key = requires_key_to_read or scope != "read"
    handler.security = [{KEY_SCHEME: []}] if needs_key else [{}, {KEY_SCHEME: []}]
    # A key is looked up in the database, even where the answer needs none.
    refusals = [HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE]
    if scope != "read":
        refusals.append(HTTPStatus.FORBIDDEN)
    handler.responses = {**(handler.responses or {}), **problems(*refusals)}
