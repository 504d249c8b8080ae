"""The memory of one GPU as a bar: each part a sign and a colour of its own, so that it is read on paper too."""

from rich.console import Console
from rich.text import Text

from planner import Memory, MemoryTest
from service.cli.units import show_gib

_PARTS = (
    ("weights", "weights_bytes", "█", "blue"),
    ("KV cache", "kv_cache_bytes", "▓", "magenta"),
    ("activations", "activation_bytes", "▒", "yellow"),
    ("graphs", "graph_bytes", "+", "cyan"),
    ("runtime", "runtime_bytes", "#", "red"),
)
_FREE = "·"
_WIDTH = 60
_TEST_WIDTH = 24


def print_memory(console: Console, memory: Memory, *, basis: str) -> None:
    """Print the parts of `memory` as a bar with its legend; `|` is where the card ends, also amid what is too much."""
    whole = max(memory.usable_bytes, memory.needed_bytes)
    bar, legend = Text(), Text("  ")
    for name, attribute, sign, colour in _PARTS:
        size: int = getattr(memory, attribute)
        bar.append(sign * max(size > 0, round(_WIDTH * size / whole)), style=colour)
        legend.append(f"{sign} {name} ", style=colour).append(f"{show_gib(size)}  ")
    end = round(_WIDTH * memory.usable_bytes / whole)
    bar.append(_FREE * (end - len(bar)))
    held, beyond = bar.divide([end])
    if memory.headroom_bytes >= 0:
        legend.append(f"{_FREE} free {show_gib(memory.headroom_bytes)}")
    else:
        legend.append(f"too much {show_gib(-memory.headroom_bytes)}", style="bold red")
    console.print(
        f"Memory of each GPU, {show_gib(memory.usable_bytes)} GiB ({basis}), {show_gib(memory.needed_bytes)} needed:",
        soft_wrap=True,
    )
    console.print(Text("  ").append_text(held).append("|").append_text(beyond), soft_wrap=True)
    console.print(legend, soft_wrap=True)


def mini_bar(memory: Memory, *, width: int) -> Text:
    """Return the parts of `memory` as one short bar; a mark at its end where they are more than the card holds."""
    bar = Text()
    whole = max(memory.usable_bytes, memory.needed_bytes)
    for _, attribute, sign, colour in _PARTS:
        bar.append(sign * round(width * getattr(memory, attribute) / whole), style=colour)
    bar.truncate(width)
    bar.append(_FREE * (width - len(bar)))
    return bar.append("|" if memory.headroom_bytes >= 0 else "!")


def print_tests(console: Console, tests: tuple[MemoryTest, ...]) -> None:
    """Print the two tests of a fit, each with what it needs of its limit."""
    for test in tests:
        share = test.needed_bytes / max(test.limit_bytes, 1)
        filled = min(_TEST_WIDTH, max(0, round(_TEST_WIDTH * share)))
        bar = "█" * filled + _FREE * (_TEST_WIDTH - filled) + ("|" if share <= 1 else "!")
        console.print(
            f"  {test.test.replace('_', ' '):<14} {bar} {show_gib(test.needed_bytes)} of {show_gib(test.limit_bytes)}"
            f" GiB, {show_gib(test.headroom_bytes)} left: {test.verdict.replace('_', ' ')}",
            soft_wrap=True,
        )
