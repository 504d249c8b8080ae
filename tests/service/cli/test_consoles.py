"""Text from elsewhere is shown as it stands, on every way to the terminal, and nothing in it steers one."""

import ast
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.text import Text

from planner import show_moment
from service.cli.consoles import make_table, open_console, print_table, say
from service.cli.json_output import print_json
from service.inventory.utc import now
from tests.service.cli.conftest import Run

CLI = Path(__file__).parents[3] / "service" / "cli"
PRINTERS = {"Console", "echo", "secho", "print", "rprint", "from_markup", "from_ansi", "render_markup"}
HOSTILE = "eve [bold red] [/etc/hosts] :m: \x1b[31m\x9b2J\u202e\a"
SHOWN = "eve [bold red] [/etc/hosts] :m: [31m2J"
OWN_CSV = "provider,provider_kind,instance_type,region,gpu_id,gpu_count,pricing,usd_per_hour,as_of\n"
OFFER = "acme,cloud,{machine},eu-1,{gpu},1,on_demand,{usd},2026-05-01\n"


def calls_that_print(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_own_console = isinstance(node.func, ast.Attribute) and name == "print"
        reads_markup = any(
            word.arg in {"markup", "emoji"} and not (isinstance(word.value, ast.Constant) and word.value.value is False)
            for word in node.keywords
        )
        reads_markup |= name == "TextColumn" and all(word.arg != "markup" for word in node.keywords)
        if (name in PRINTERS and not is_own_console) or reads_markup:
            yield f"{path.name}:{node.lineno} {name}"


def test_no_other_file_opens_a_console_reads_markup_or_prints_by_itself() -> None:
    files = [path for path in CLI.rglob("*.py") if path.name != "consoles.py"]
    assert len(files) > 30
    assert [call for path in files for call in calls_that_print(path)] == []


@pytest.mark.parametrize("err", [False, True])
def test_a_console_shows_words_as_they_stand_in_lines_cells_and_titles(
    capsys: pytest.CaptureFixture[str], *, err: bool
) -> None:
    console = open_console(err=err)
    console.print(HOSTILE)
    console.print(Text(HOSTILE), style="bold")
    table = make_table(HOSTILE, "plain")
    table.add_row(Text(HOSTILE), HOSTILE)
    print_table(console, table)
    say(HOSTILE, err=err)
    printed = capsys.readouterr()
    lines = (printed.err if err else printed.out).splitlines()
    cell = f"{SHOWN}  "
    assert [line.rstrip() for line in lines] == [SHOWN, SHOWN, f"{cell}plain", cell + SHOWN, SHOWN]


def test_a_terminal_gets_styles_of_ours_and_none_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = open_console()
    with console.capture() as capture:
        console.print(Text(HOSTILE, style="bold"))
    assert capture.get() == f"\x1b[1m{SHOWN}\x1b[0m\n"


def test_text_of_any_bytes_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    say("a file named \udcff")
    assert capsys.readouterr().out == "a file named \ufffd\n"


def test_owners_and_purposes_of_reservations_are_shown_as_they_stand(r1plan: Run) -> None:
    assert r1plan("node", "add", "n1", "--site", "cellar [/x]", "--gpu", "l4", "--gpu-count", "2").exit_code == 0
    end = show_moment((now() + dt.timedelta(hours=1)).replace(microsecond=0))
    made = r1plan("reserve", "n1", "--end", end, "--owner", "eve [bold red]", "--purpose", "fix [/etc/hosts] :m:")
    assert made.exit_code == 0, made.output
    assert "eve [bold red]" in made.stdout
    listed = r1plan("reservations")
    assert listed.exit_code == 0
    assert "eve [bold red]" in listed.stdout
    assert "fix [/etc/hosts] :m:" in listed.stdout
    assert "1 by eve [bold red] until" in r1plan("free").stdout
    assert "cellar [/x]" in r1plan("node", "list").stdout
    assert "1 by eve [bold red] until" in r1plan("plan", "--context", "8k", "--pricing", "owned").stdout


def test_names_of_catalogues_are_shown_as_they_stand(r1plan: Run, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        OWN_CSV + OFFER.format(machine="m1", gpu="[/x]", usd=2) + OFFER.format(machine="m2", gpu="l4", usd=2)
    )
    imported = r1plan("import", "csv", str(file), "--name", "[/x]")
    assert imported.exit_code == 0, imported.output
    review, history = r1plan("import", "review"), r1plan("import", "history")
    assert (review.exit_code, history.exit_code) == (0, 0)
    assert review.stdout.splitlines()[1].split()[1:3] == ["csv:[/x]", "[/x]"]
    assert "csv:[/x]" in history.stdout


def test_identifiers_of_offers_are_shown_whole_and_without_pictures(r1plan: Run, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    rows = [
        OFFER.format(machine=machine, gpu="l4", usd=usd)
        for machine, usd in (("m", 0.01), ("long-" * 15 + "name", 0.02))
    ]
    file.write_text(OWN_CSV + "".join(rows))
    imported = r1plan("import", "csv", str(file))
    assert imported.exit_code == 0, imported.output
    assert "acme:m:eu-1:on_demand (1x l4)" in imported.stdout
    lines = r1plan("prices", "l4").stdout.splitlines()
    assert lines[1].startswith("acme:m:eu-1:on_demand ")
    assert lines[2].startswith(f"acme:{'long-' * 15}name:eu-1:on_demand ")


def test_json_loses_nothing_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"site": "a\u009b2Jb\u202e"})
    printed = capsys.readouterr().out
    assert "\\u009b2J" in printed
    assert "\u009b" not in printed
    assert json.loads(printed) == {"site": "a\u009b2Jb\u202e"}


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (36, ["offer               note", "aws:g6.xlarge:spot  some words that", "                    stand here"]),
        (20, ["offer               note", "aws:g6.xlarge:spot  some words that stand here"]),
    ],
)
def test_a_table_moves_words_below_each_other_and_breaks_none(
    capsys: pytest.CaptureFixture[str], width: int, shown: list[str]
) -> None:
    console = open_console()
    console.width = width
    table = make_table("offer", "note")
    table.add_row("aws:g6.xlarge:spot", "some words that stand here")
    print_table(console, table)
    assert capsys.readouterr().out.splitlines() == shown
