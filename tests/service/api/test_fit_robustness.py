"""Whatever is asked of a fit, the service is not to blame, and answers soon."""

import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner import FIT_FIELDS, weight_formats
from tests.planner.test_model_config import LLAMA

_MACHINES = st.sampled_from(
    [{"gpu": "rtx-4090"}, {"gpu": ["h100", "l4"]}, {"vram_gb": 24}, {"memory_bytes": 1}, {"memory_bytes": 1 << 44}]
)
_NUMBERS = st.integers(-1, 300) | st.sampled_from([10**6, 10**12, 10**30, 0.5, 1.0, 1e300])
_VALUES = {
    "tokens": _NUMBERS | st.sampled_from(["4k", "128k"]),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "boolean": st.booleans() | st.sampled_from(["true", "0", "maybe", 2]),
    "text": st.sampled_from(
        ["vllm", "llama.cpp", "ollama", "fp8", "q4_k_m", "fp16", "poor", "g6.xlarge", "nothing", ""]
    ),
    "object": st.just(LLAMA) | st.just("{}") | st.integers(),
}
_SIZES = st.sampled_from([0, 1, 2, 3, 7, 8, 64, 128, 1000, 4096, 1 << 20, 1 << 24, 1 << 40, -1, 1.5, "8", None])
_CONFIGS = st.fixed_dictionaries({name: _SIZES for name, value in LLAMA.items() if type(value) is int})


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Return a machine, and a few other fields with values that may be or not."""
    names = draw(st.lists(st.sampled_from(sorted(set(FIT_FIELDS) - {"gpu", "vram_gb", "memory_bytes"})), max_size=5))
    return {**draw(_MACHINES), **{name: draw(_VALUES[FIT_FIELDS[name].kind]) for name in names}}


async def _answer(api: httpx.AsyncClient, fields: dict[str, Any], *, path: str = "/v1/fit") -> httpx.Response:
    start = time.process_time()
    if path == "/v1/fit":
        answer = await api.post(path, content=json.dumps(fields), headers={"content-type": "application/json"})
    else:
        answer = await api.get(path, params={name: _text(value) for name, value in fields.items()})
    assert answer.status_code in {200, 400}, (fields, answer.text)
    assert time.process_time() - start < 5, fields
    return answer


def _text(value: Any) -> str | list[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return ["h100", "l4"]
    return value if isinstance(value, str) else json.dumps(value)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=requests(), path=st.sampled_from(["/v1/fit", "/v1/fit", "/v1/limits", "/v1/compare"]))
async def test_whatever_is_asked_there_is_an_answer_or_a_problem(
    api: httpx.AsyncClient, fields: dict[str, Any], path: str
) -> None:
    await _answer(api, fields, path=path)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=_CONFIGS, weight_format=st.sampled_from(sorted(weight_formats())), batch=st.sampled_from([1, 256, 100_000])
)
async def test_whatever_a_config_says_there_is_an_answer_or_a_problem(
    api: httpx.AsyncClient, sizes: dict[str, Any], weight_format: str, batch: int
) -> None:
    fields = {"gpu": "h100-sxm", "config": {**LLAMA, **sizes}, "context": 1, "batch": batch}
    await _answer(api, fields | {"weight_format": weight_format})


@pytest.mark.parametrize("path", ["/v1/plan", "/v1/memory", "/v1/limits"])
async def test_the_largest_model_that_can_be_described_is_answered_too(api: httpx.AsyncClient, path: str) -> None:
    config = LLAMA | {
        "num_hidden_layers": 1 << 10,
        "hidden_size": 1 << 24,
        "num_attention_heads": 1 << 12,
        "num_key_value_heads": 1 << 12,
        "intermediate_size": 1 << 24,
        "vocab_size": 1 << 24,
        "max_position_embeddings": 1 << 24,
    }
    machine = {"gpu": "h100-sxm"} if path == "/v1/limits" else {}
    batch = {} if path == "/v1/memory" else {"batch": 100_000}
    fields = {"config": json.dumps(config), "context": 1 << 24, "weight_bits": 16, **machine, **batch}
    assert (await _answer(api, fields, path=path)).status_code == 200
