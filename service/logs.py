"""How the service logs: one line for each event on standard error, `time level=... logger=... event key=value ...`.

Whatever an event says, no line shows an API key or a secret of the settings.
"""

import logging
import time
from collections.abc import Sequence
from typing import Final

from service.key_format import strike_out_keys
from service.settings import Secret

_FORMAT: Final = "%(asctime)s.%(msecs)03dZ level=%(levelname)s logger=%(name)s %(message)s"
_DATE_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"


class _Formatter(logging.Formatter):
    converter = time.gmtime

    def __init__(self, *, secrets: Sequence[Secret]) -> None:
        super().__init__(_FORMAT, _DATE_FORMAT)
        self._secrets = tuple(secret.reveal() for secret in secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = strike_out_keys(super().format(record))
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def configure_logging(level: str, *, secrets: Sequence[Secret] = ()) -> None:
    """Log what the service says from `level` on, and of the libraries only warnings and worse.

    No line holds an API key or one of `secrets`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(secrets=secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("service").setLevel(level.upper())
