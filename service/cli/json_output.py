"""Answers as the API gives them, for programs that read the command line."""

import msgspec

from service.cli.consoles import STEERING, say


def print_json(answer: object) -> None:
    """Print `answer` as JSON, indented; what would steer a terminal is escaped, so that nothing of it is lost."""
    text = msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()
    say(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
