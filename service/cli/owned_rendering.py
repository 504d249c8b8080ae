"""The machine of one's own that an option runs on, as a person reads it on a terminal."""

import shlex

from rich.console import Console
from rich.text import Text

from planner import Option, OwnedNode, ReservationDraft, show_moment
from service.cli.moments import show_held


def print_owned(console: Console, option: Option) -> None:
    """Print what of the node is free, what is taken and until when, and how to reserve the option's GPUs."""
    node = option.owned
    if node is None:
        return
    console.print(Text(_describe(node)), soft_wrap=True)
    if node.free_until is not None:
        line = f"  warning: some of these GPUs are promised to others from {show_moment(node.free_until)} on"
        console.print(Text(line, style="yellow"), soft_wrap=True)
    console.print("Reserve:", style="bold")
    console.print(Text(_reserve_command(node.reservation)), soft_wrap=True)


def _describe(node: OwnedNode) -> str:
    taken = f"; taken: {', '.join(show_held(one) for one in node.taken)}" if node.taken else ""
    return f"Node {node.node} at {node.site}: {node.free_gpus} of {node.gpu_count} GPUs free{taken}."


def _reserve_command(draft: ReservationDraft) -> str:
    ((node, gpu_count),) = draft.allocations.items()
    start = "" if draft.start is None else f" --start {show_moment(draft.start)}"
    until = "UNTIL" if draft.end is None else show_moment(draft.end)
    return f"r1plan reserve {shlex.quote(node)} --gpu-count {gpu_count}{start} --end {until}"
