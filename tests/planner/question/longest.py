"""Texts of the greatest length that each press on another part of the question reader, and how they are timed."""

from __future__ import annotations

import time
from collections.abc import Callable

ADDITIONS = 100_000

LONGEST_TEXTS = {
    "one sentence again and again": "4 users at 32k on two A100 80GB, fp8, under $1/h, no AMD. " * 40,
    "unknown words": "zyxwvutsr qponmlkji " * 110,
    "numbers": "12 " * 700,
    "glued": "1a" * 1000,
    "commas": "," * 2000,
    "comparators": "at most max about " * 120,
    "negations": "no not without AMD " * 110,
    "chinese": "两张显卡能跑多少并发上下文呢不要" * 130,
    "unknown chinese": "龘靐齉爩" * 500,
    "quantities": "32k 8b 24gb 4 bit $5 " * 100,
    "digits": "9" * 2000,
    "one letter": "a " * 1000,
    "nothing but negations": "无" * 2000,
    "chinese numerals": "一二三十百千万" * 285,
    "hearsay": "网上说" * 666,
    "classes": "民用" * 1000,
    "money": "$1 $2k " * 280,
    "marks in names": "a.b-c_d:" * 250,
}


def seconds_of(action: Callable[[], object]) -> float:
    """Return the processor time of `action`."""
    began = time.thread_time()
    action()
    return time.thread_time() - began


def count_up() -> int:
    """Add numbers up: what a machine takes for this tells how fast it is at the moment."""
    total = 0
    for number in range(ADDITIONS):
        total += number
    return total
