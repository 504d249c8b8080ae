"""Log lines on standard error, from which the bot's token is struck out wherever it might turn up."""

import logging
import sys

from bots.settings import Secret


class _Formatter(logging.Formatter):
    def __init__(self, *, secret: Secret | None) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line if self._secret is None else line.replace(self._secret.reveal(), "[token]")


def start_logging(level: str, *, secret: Secret | None = None) -> None:
    """Write log lines of `level` and above to standard error, never with `secret` in them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(secret=secret))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # at DEBUG discord.py writes what people say, and the tokens by which their interactions are answered
    logging.getLogger("discord").setLevel(max(logging.getLogger().level, logging.INFO))
