"""Log lines on standard error, `time level=... logger=... event key=value ...`, without what people wrote.

Secrets are struck out wherever they might turn up.
"""

import logging
import sys
import time
from collections.abc import Sequence

from bots.settings import Secret

_FORMAT = "%(asctime)s.%(msecs)03dZ level=%(levelname)s logger=%(name)s %(message)s"


class _Formatter(logging.Formatter):
    converter = time.gmtime

    def __init__(self, *, secrets: Sequence[Secret]) -> None:
        super().__init__(_FORMAT, "%Y-%m-%dT%H:%M:%S")
        self._secrets = tuple(secret.reveal() for secret in secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def start_logging(level: str, *, secrets: Sequence[Secret | None] = ()) -> None:
    """Write log lines of `level` and above to standard error, never with one of `secrets` in them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(secrets=[secret for secret in secrets if secret is not None]))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # at DEBUG discord.py writes what people say, and the tokens by which their interactions are answered
    logging.getLogger("discord").setLevel(max(logging.getLogger().level, logging.INFO))
