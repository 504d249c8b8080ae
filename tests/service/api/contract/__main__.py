"""The long run: 2,000 examples of each operation, or ten minutes; exit status 0 where nothing was found."""

import sys

from tests.service.api.contract.client import run_client

status, _ = run_client(examples=2000, seconds=600, is_shown=True)
sys.exit(status)
