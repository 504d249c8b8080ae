"""Conditions that are read alone are read together, in any order: none is dropped in silence, none takes another's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import read_question
from planner.question import Names

ENGLISH = {
    "load": ("4 people", "bs 8", "12 concurrent requests"),
    "length": ("16k", "24k context"),
    "weights": ("fp8", "in q5_k_m", "4 bit"),
    "cache": ("kv q8_0", "fp8 kv cache"),
    "price": ("under $1.30/h", "max 90 cents an hour", "$700/month tops"),
    "machine": ("on an L40S", "on 2 L4s", "up to 4 gpus", "no H100"),
    "maker": ("without intel", "no AMD"),
    "class": ("no workstation cards",),
    "provider": ("via lambda labs", "not on vast"),
    "place": ("in germany", "us-east-1"),
    "pricing": ("spot", "on-demand"),
    "rate": ("at least 35 tok/s", "30 tps each"),
    "first token": ("ttft under 2s", "first token within 1.5 s"),
    "engine": ("sglang", "with vllm"),
    "option": ("--enforce-eager", "gpu_memory_utilization=0.93", "-ngl 20"),
    "age": ("prices at most 40 days old",),
    "objective": ("cheapest", "fastest"),
    "quality": ("near lossless",),
}
CHINESE = {
    "load": ("4 人", "并发 7", "12 个并发"),
    "length": ("32k", "64k 上下文"),
    "weights": ("awq", "4bit 量化"),
    "cache": ("kv 缓存 q8_0",),
    "price": ("每小时 1.3 美元以内", "每月最多 450 美元"),
    "machine": ("两张 L4", "4 张卡以内", "A100 不考虑"),
    "maker": ("不要英特尔", "AMD 就不要了"),
    "class": ("不要消费级",),
    "provider": ("只用 runpod",),
    "place": ("德国",),
    "pricing": ("竞价实例", "按需"),
    "rate": ("至少 35 tok/s",),
    "first token": ("首字延迟 2 秒以内",),
    "engine": ("用 sglang",),
    "objective": ("最快",),
    "quality": ("近无损",),
}


def some_of(phrases: dict[str, tuple[str, ...]]) -> st.SearchStrategy[list[str]]:
    one_each = {subject: st.sampled_from(said) for subject, said in phrases.items()}
    chosen = st.lists(st.sampled_from(sorted(phrases)), min_size=2, max_size=6, unique=True)
    return chosen.flatmap(lambda subjects: st.tuples(*(one_each[subject] for subject in subjects)).map(list))


@settings(max_examples=400)
@given(st.one_of(some_of(ENGLISH), some_of(CHINESE)), st.sampled_from([", ", "; ", ". ", " / ", " "]))
def test_conditions_are_read_together_as_they_are_read_alone(names: Names, said: list[str], joint: str) -> None:
    wanted: dict[str, object] = {}
    for condition in said:
        wanted |= read_question(f"8b, {condition}", names=names).fields
    question = read_question(f"8b, {joint.join(said)}", names=names)

    assert {name: value for name, value in question.fields.items() if wanted.get(name) != value} == {}
    if not question.ignored and not question.ambiguous:
        assert question.fields == wanted


@pytest.mark.parametrize("condition", [one for table in (ENGLISH, CHINESE) for said in table.values() for one in said])
def test_each_condition_is_read_alone(condition: str, names: Names) -> None:
    question = read_question(f"8b, {condition}", names=names)

    assert question.fields
    assert (question.ignored, question.ambiguous) == ((), ())
