"""How the service logs: one line for each event on standard error, `time level=... logger=... event key=value ...`."""

import logging
import time
from typing import Final

_FORMAT: Final = "%(asctime)s.%(msecs)03dZ level=%(levelname)s logger=%(name)s %(message)s"
_DATE_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"


def configure_logging(level: str) -> None:
    """Log what the service says from `level` on, and of the libraries only warnings and worse."""
    formatter = logging.Formatter(_FORMAT, _DATE_FORMAT)
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("service").setLevel(level.upper())
