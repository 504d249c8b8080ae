"""What who may not is told: 401, 403 and 429, with the headers that belong to them."""

from http import HTTPStatus

from service.admission.caller import Caller
from service.admission.rate import Standing
from service.inventory.api_keys import SCOPES, ApiKey, Scope
from service.inventory.errors import KeyInTheOpen
from service.refusing import Refusal

_HOW = "A key is sent as the header `Authorization: Bearer r1p_...`; `r1plan key create` makes one."


def missing(scope: Scope, *, caller: Caller) -> Refusal:
    """Return what a caller is told who may not do what needs `scope`: 401 without a key, 403 with another."""
    return key_needed(scope) if caller.key_name is None else scope_missing(scope, caller=caller)


def key_needed(scope: Scope) -> Refusal:
    """Return the 401 for a request without a key that needs one of `scope`."""
    return Refusal(
        f"This needs a key of scope {scope}. {_HOW}",
        status=HTTPStatus.UNAUTHORIZED,
        code="key_needed",
        field="authorization",
        allowed=f"a key of scope {_or_more(scope)}",
        headers={"www-authenticate": f'Bearer realm="r1plan", scope="{scope}"'},
    )


def scope_missing(scope: Scope, *, caller: Caller) -> Refusal:
    """Return the 403 for a key that may not do what needs `scope`."""
    return Refusal(
        f"This needs a key of scope {scope}; the key {caller.key_name!r} has scope {caller.scope}.",
        status=HTTPStatus.FORBIDDEN,
        code="scope_missing",
        field="authorization",
        allowed=f"a key of scope {_or_more(scope)}",
        headers={"www-authenticate": f'Bearer realm="r1plan", error="insufficient_scope", scope="{scope}"'},
    )


def not_bearer() -> Refusal:
    """Return the 401 for an Authorization header of another kind."""
    return _unusable(f"The Authorization header holds no bearer key. {_HOW}", code="key_unknown")


def key_unknown() -> Refusal:
    """Return the 401 for what is no key, or none of ours."""
    return _unusable("This key is not known here: it may be cut off, or have been replaced.", code="key_unknown")


def key_revoked(key: ApiKey) -> Refusal:
    """Return the 401 for a key that was revoked."""
    return _unusable(f"The key {key.name!r} was revoked at {key.revoked_at:%Y-%m-%d %H:%M}Z.", code="key_revoked")


def key_expired(key: ApiKey) -> Refusal:
    """Return the 401 for a key whose time is over."""
    return _unusable(f"The key {key.name!r} expired at {key.expires_at:%Y-%m-%d %H:%M}Z.", code="key_expired")


def key_in_the_open() -> Refusal:
    """Return the 400 for a key in a path, a query string or a body, where logs and histories keep it."""
    return Refusal(
        f"{KeyInTheOpen()} {_HOW}",
        code="key_in_the_open",
        field="authorization",
        allowed="a key in the Authorization header only",
    )


def too_many_requests(standing: Standing) -> Refusal:
    """Return the 429 for one request too many."""
    return Refusal(
        f"More than {standing.limit:,} requests in this minute. Try again in {standing.reset_seconds} seconds.",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="too_many_requests",
        allowed=f"{standing.limit:,} requests a minute; a key may have a rate of its own",
        headers={"retry-after": str(standing.reset_seconds)},
    )


def _unusable(detail: str, *, code: str) -> Refusal:
    return Refusal(
        detail,
        status=HTTPStatus.UNAUTHORIZED,
        code=code,
        field="authorization",
        allowed="a key that r1plan key list shows as in use, or no Authorization header where none is needed",
        headers={"www-authenticate": 'Bearer realm="r1plan", error="invalid_token"'},
    )


def _or_more(scope: Scope) -> str:
    return " or ".join(SCOPES[SCOPES.index(scope) :])
