"""Where answers are printed: as wide as the terminal, or as a sheet of paper."""

from rich.console import Console

_PAPER_WIDTH = 120


def open_console() -> Console:
    """Return a console on standard output."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PAPER_WIDTH)
