"""A coverage-guided search for a text that breaks the question reader or takes it long: `make fuzz`.

The search runs for ten minutes, or as many seconds as are given. It ends with an exception at the first text that
raises anything but a refusal. It tries short texts, for those tell most in their time; every hundredth is also read
together with the one before, again and again up to the longest text allowed. The slowest texts are then read again in
a process that is not watched, for watching costs time, and held against a plain loop that takes 2 ms on an idle
machine.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from planner import Names

_SECONDS: Final = 600
_MOST_BYTES: Final = 400
_LONG_EVERY: Final = 100
_MOST_CHARACTERS: Final = 2_000
_SEED_CHARACTERS: Final = 200
_KEPT: Final = 20
_TRIES: Final = 7
_ADDITIONS: Final = 100_000
_ARGUMENTS_TO_MEASURE: Final = 3


def _names() -> Names:
    from service.asking import inventory_names  # noqa: PLC0415  (imported while the search watches the planner)
    from tests.benchmarks.inventories import seeded_inventory  # noqa: PLC0415  (as above)

    return inventory_names(seeded_inventory())


def _reader() -> Callable[[str], None]:
    from planner import InvalidRequest, follow, read_fragment, read_question  # noqa: PLC0415  (as above)

    names = _names()

    def read(text: str) -> None:
        try:
            question = read_question(text, names=names)
            assert all(fragment in text for fragment in question.ignored)
        except InvalidRequest:
            pass
        try:
            fragment = read_fragment(text, names=names)
            follow({"context": 32_768, "batch": 4, "gpu": ["l4", "a10"]}, "compare", fragment)
        except InvalidRequest:
            pass

    return read


def search(seconds: float, folder: Path) -> None:
    """Search for `seconds`, keep the slowest texts in `folder`, and go on to measure them."""
    atheris: Any = importlib.import_module("atheris")  # only there on Linux, x86-64

    with atheris.instrument_imports(include=["planner.question"]):
        read = _reader()
    slowest: list[tuple[float, str]] = []
    began = time.monotonic()
    count = 0
    last = ""

    def time_one(text: str) -> None:
        before = time.thread_time()
        read(text)
        taken = time.thread_time() - before
        if len(slowest) < _KEPT or taken > slowest[-1][0]:
            slowest.append((taken, text))
            slowest.sort(reverse=True)
            del slowest[_KEPT:]

    def try_one(data: bytes) -> None:
        nonlocal count, last
        text = data.decode("utf-8", "ignore")[:_MOST_CHARACTERS]
        time_one(text)
        count += 1
        if count % _LONG_EVERY == 0:
            time_one((f"{last} {text} " * _MOST_CHARACTERS)[:_MOST_CHARACTERS])
        last = text
        if time.monotonic() - began > seconds:
            sys.stdout.write(f"{count:,} texts in {seconds:,.0f} s, no exception\n")
            sys.stdout.flush()
            kept = folder / "slowest.json"
            kept.write_text(json.dumps([text for _, text in slowest]), encoding="utf-8")
            # The search's alarm outlives it and would end what comes after.
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.execv(sys.executable, [sys.executable, "-m", "tests.planner.question.fuzz", "measure", str(kept)])  # noqa: S606  (itself)

    atheris.Setup(
        [sys.argv[0], f"-max_len={_MOST_BYTES}", f"-dict={_dictionary(folder)}", str(_corpus(folder))], try_one
    )
    atheris.Fuzz()


def _corpus(folder: Path) -> Path:
    """Write each of our own questions into a file, and the beginning of each long text; return the folder."""
    from tests.planner.question.longest import LONGEST_TEXTS  # noqa: PLC0415  (as below)
    from tests.planner.question.test_robustness import SENTENCES  # noqa: PLC0415  (imports the planner)

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, text in enumerate([*SENTENCES, *LONGEST_TEXTS.values()]):
        (corpus / str(number)).write_text(text[:_SEED_CHARACTERS], encoding="utf-8")
    return corpus


def _dictionary(folder: Path) -> Path:
    from tests.planner.question.test_robustness import PIECES  # noqa: PLC0415  (imports the planner)

    words = folder / "words"
    escaped = ("".join(f"\\x{byte:02x}" for byte in piece.encode()) for piece in PIECES)
    words.write_text("".join(f'"{piece}"\n' for piece in escaped), encoding="utf-8")
    return words


def measure(file: Path) -> None:
    """Print the processor time of the slowest texts of `file`, the least of seven readings of each."""
    from tests.planner.question.longest import count_up, seconds_of  # noqa: PLC0415  (as above)
    from tests.planner.question.test_robustness import read_or_refuse  # noqa: PLC0415  (as above)

    names = _names()
    texts: list[str] = json.loads(file.read_text(encoding="utf-8"))
    read_or_refuse("8b at 32k", names)
    loop = min(seconds_of(count_up) for _ in range(_TRIES))
    times = [min(seconds_of(lambda text=text: read_or_refuse(text, names)) for _ in range(_TRIES)) for text in texts]
    slowest, text = max(zip(times, texts, strict=True))
    sys.stdout.write(
        f"slowest reading {slowest * 1000:.2f} ms of processor time, {slowest / loop:.2f} times a plain loop: "
        f"{len(text):,} characters, {text[:60]!r}\n"
    )


def main() -> None:
    """Search, or measure what a search has found."""
    if len(sys.argv) == _ARGUMENTS_TO_MEASURE and sys.argv[1] == "measure":
        measure(Path(sys.argv[2]))
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else _SECONDS
    search(seconds, Path(tempfile.mkdtemp(prefix="r1plan-fuzz-")))


if __name__ == "__main__":
    main()
