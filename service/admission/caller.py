"""Who asks: a key's holder, or anybody."""

from typing import Final

from msgspec import Struct

from service.inventory.api_keys import SCOPES, Scope


class Caller(Struct, frozen=True, kw_only=True):
    """Who sent a request; the gate puts it into the request's scope as `auth`.

    `key_name` is None for who came without a key, `scope` None for who may nothing.
    """

    key_name: str | None
    scope: Scope | None

    @property
    def actor(self) -> str:
        """Who it is in the audit trail."""
        return "anybody" if self.key_name is None else f"key:{self.key_name}"

    def may(self, scope: Scope) -> bool:
        """Return whether `scope` is the caller's own or included in it."""
        return self.scope is not None and SCOPES.index(self.scope) >= SCOPES.index(scope)


READER: Final = Caller(key_name=None, scope="read")
"""Anybody, where reading is open to all."""

STRANGER: Final = Caller(key_name=None, scope=None)
"""Anybody, where it is not."""
