"""Fields that are written as settings, as engines and requests spell them."""

from __future__ import annotations

import pytest

from planner import FIELDS, FIT_FIELDS, Field, read_question
from planner.question import Names
from tests.planner.question.test_robustness import read_or_refuse

FIELDS_TO_WRITE = {
    name: field
    for name, field in {**FIT_FIELDS, **FIELDS}.items()
    if field.kind != "object" and field.example and name != "model"
}


@pytest.mark.parametrize(
    ("name", "joint"),
    # A single word with a colon belongs to a sentence.
    [(name, joint) for name in FIELDS_TO_WRITE for joint in ("=", ": ", " = ") if joint != ": " or "_" in name],
)
def test_every_field_can_be_written_with_its_value(name: str, joint: str, names: Names) -> None:
    field = FIELDS_TO_WRITE[name]
    assert held(f"8b, {name}{joint}{written(field)}", name, names) == field.example


@pytest.mark.parametrize("name", [name for name in FIELDS_TO_WRITE if "_" in name])
def test_every_field_can_be_written_as_an_option_of_a_command(name: str, names: Names) -> None:
    field = FIELDS_TO_WRITE[name]
    value = "" if field.kind == "boolean" else f" {written(field)}"

    assert held(f"8b --{name.replace('_', '-')}{value}", name, names) == field.example


def written(field: Field) -> str:
    return str(field.example).lower() if field.kind == "boolean" else str(field.example)


def held(text: str, name: str, names: Names) -> object:
    """Return what `text` says of the field; what an engine schedules together is the batch, where none is said."""
    question = read_question(text, names=names)
    assert question.ignored == ()
    scheduled = {"max_num_seqs", "max_running_requests", "max_batch_size"}
    value = question.fields["batch" if name in scheduled else name]
    return "32k" if name == "context" and value == 32_768 else value


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("-ngl 20 q4_k_m 8k", "n_gpu_layers", 20),
        ("20 of the 36 layers on the GPU, q4_k_m 8k", "n_gpu_layers", 20),
        ("20 层放到显卡, q4_k_m 8k", "n_gpu_layers", 20),
        ("-b 2048 q4_k_m", "n_batch", 2048),
        ("-ub 256 q4_k_m", "n_ubatch", 256),
        ("-fa q4_k_m", "flash_attn", True),
        ("-fa off q4_k_m", "flash_attn", False),
        ("without flash attention, q4_k_m", "flash_attn", False),
        ("不用 flash attention, q4_k_m", "flash_attn", False),
        ("--no-kv-offload q4_k_m", "offload_kqv", False),
        ("-nkvo q4_k_m", "offload_kqv", False),
        ("8b with 92% gpu memory utilization=92%", "gpu_memory_utilization", 0.92),
        ("vllm 8b, gpu memory utilization of 0.95", "gpu_memory_utilization", 0.95),
        ("8b max_num_batched_tokens=8k", "max_num_batched_tokens", 8192),
        ("8b kv_cache_memory_bytes=8GB", "kv_cache_memory_bytes", 8 << 30),
        ("8b batch 4 max_num_seqs=64", "max_num_seqs", 64),
        ("8b start=2026-12-01", "start", "2026-12-01"),
        ("8b exclude_class=consumer,workstation", "exclude_class", ["consumer", "workstation"]),
    ],
)
def test_options_are_read_in_the_spellings_of_engines(text: str, name: str, value: object, names: Names) -> None:
    assert read_question(text, names=names).fields[name] == value


@pytest.mark.parametrize("text", ["gpu_memory_utilization=1.5", "block_size=9999", "limit=0", "utilization=30"])
def test_a_value_that_the_field_does_not_take_is_listed(text: str, names: Names) -> None:
    question = read_question(f"8b 32k {text}", names=names)

    assert question.fields == {"context": 32_768}
    assert question.ignored == (text,)


@pytest.mark.parametrize("text", ["limit=" + "9" * 1900, "ngl " * 400, "max_usd_per_hour = " * 100, "no " * 600])
def test_settings_of_any_length_are_read_or_refused(text: str, names: Names) -> None:
    read_or_refuse(text, names)
