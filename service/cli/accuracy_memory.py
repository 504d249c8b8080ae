"""`r1plan accuracy memory`: the memory model held against measured cases."""

from pathlib import Path
from typing import Any, Final, Literal

import click
import msgspec

from planner import MemoryAccuracy, MemorySpread, PlannerError, measure_memory
from service.cli.consoles import say
from service.cli.errors import BadInput
from service.cli.json_output import print_json
from service.seed import read_gpus

FALSE_FITS_STATUS: Final = 1
_SPREADS: Final = ("kv_pool_gib", "kv_pool_percent", "kv_tokens_percent", "weights_percent")
_EPILOG: Final = "Exit status: 0 no refused start was promised to fit, 1 one was, 2 a file cannot be read."


@click.command(epilog=_EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--by", type=click.Choice(["engine", "gpu", "format"]), default="engine", show_default=True)
@click.pass_context
def memory(
    command: click.Context, *, files: tuple[str, ...], as_json: bool, by: Literal["engine", "gpu", "format"]
) -> None:
    """Predict the measured cases of FILE, one JSON object a line, from their settings alone, and print the errors."""
    gpus = {gpu.gpu_id: gpu for gpu in read_gpus()}
    try:
        lines = [line for file in files for line in Path(file).read_bytes().splitlines()]
        report = measure_memory(lines, gpus=gpus, by=by)
    except (PlannerError, OSError) as error:
        raise BadInput(f"{', '.join(files)}: {error}") from error
    if as_json:
        print_json(_to_object(report))
    else:
        _show(report, by=by)
    command.exit(FALSE_FITS_STATUS if report.false_fits or report.derived_verdicts.false_fits else 0)


def _to_object(report: MemoryAccuracy) -> dict[str, Any]:
    """Return the report under the names that programs read: errors by median, p90 and max alone."""
    found: dict[str, Any] = msgspec.to_builtins(report)
    del found["partial_offload_too_small_mib"], found["not_derived_from"]["groups"]
    for name in _SPREADS:
        found[name].pop("n")
        found["not_derived_from"].get(name, {}).pop("n", None)
    return found


def _show(report: MemoryAccuracy, *, by: str) -> None:
    say(f"{report.cases} cases, {report.used} predicted from their settings")
    for reason, count in report.skipped.items():
        say(f"  {count:4d} skipped: {reason}")
    say(f"{'vLLM and SGLang, each configuration once':<44}{'n':>5}{'median':>10}{'p90':>10}{'max':>10}")
    other = report.not_derived_from
    for name, spread, unit in (
        ("KV pool", report.kv_pool_gib, "GiB"),
        ("KV pool", report.kv_pool_percent, "%"),
        ("KV tokens", report.kv_tokens_percent, "%"),
        ("weights", report.weights_percent, "%"),
        ("KV pool, where no rule was derived from", other.kv_pool_gib, "GiB"),
        ("KV tokens, where no rule was derived from", other.kv_tokens_percent, "%"),
    ):
        say(_line(f"  {name}, {unit}", spread))
    _show_verdicts(report)
    _show_llama_cpp(report)
    say(f"by {by}: KV pool in GiB, then KV tokens in %")
    for name, found in report.by.items():
        say(_line(f"  {name}", found.kv_pool_gib) + _line("", found.kv_tokens_percent, width=2))
    say("worst ten")
    for row in report.worst:
        say(
            f"  {row.error_gib:+8.3f} GiB  {row.id} ({row.engine}): "
            f"{row.predicted_gib:.2f} predicted, {row.measured_gib:.2f} measured"
        )


def _show_verdicts(report: MemoryAccuracy) -> None:
    verdicts, derived = report.verdicts, report.derived_verdicts
    say(
        f"verdicts on {verdicts.of} logged starts: {verdicts.refusals_predicted} of {verdicts.refusals} refusals "
        f"predicted, {report.false_fits} false fits, {report.false_does_not_fit} false does_not_fit, "
        f"{verdicts.tight} tight"
    )
    say(
        f"verdicts on {derived.of} requests around the measured pools: {derived.false_fits} false fits, "
        f"{derived.false_does_not_fit} false does_not_fit, {derived.tight} tight"
    )


def _show_llama_cpp(report: MemoryAccuracy) -> None:
    if not any(of for _, of in report.exact.values()):
        return
    words = ", ".join(f"{part} {exact} of {of}" for part, (exact, of) in report.exact.items())
    say(f"llama.cpp's buffers exact to the byte: {words}")
    words = ", ".join(f"{part} {small} of {of}" for part, (small, of) in report.too_small.items())
    say(f"    predicted too small: {words}")
    say(f"    partial offload: the GPU's sum too small by at most {report.partial_offload_too_small_mib} MiB")


def _line(name: str, spread: MemorySpread, *, width: int = 44) -> str:
    figures = (spread.median, spread.p90, spread.max)
    words = "".join(f"{'-' if figure is None else f'{figure:.3f}':>10}" for figure in figures)
    return f"{name:<{width}}{spread.n:5d}{words}"
