"""All that schemathesis is to load."""

from tests.service.api.contract import excuses, sense

__all__ = ["excuses", "sense"]
