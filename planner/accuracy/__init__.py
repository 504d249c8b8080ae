"""Predictions of memory held against measured cases: each from its settings alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from planner.accuracy.cases import (
    EngineObserved,
    EngineSettingsCase,
    LlamaCppContextCase,
    LlamaCppContextObserved,
    LlamaCppFileCase,
    LlamaCppFileObserved,
    read_case,
)
from planner.accuracy.llama_cpp_cases import Part, compare_context, compare_file, predict_log
from planner.accuracy.other_cases import predict_sglang, predict_tensorrt_llm
from planner.accuracy.prediction import Prediction, Skip
from planner.accuracy.report import MemoryAccuracy, MemorySpread
from planner.accuracy.rows import Row, summarize
from planner.accuracy.vllm_cases import predict
from planner.errors import InvalidRequest
from planner.gpu import Gpu

__all__ = ["MemoryAccuracy", "MemorySpread", "measure_memory"]

By = Literal["engine", "gpu", "format"]


def measure_memory(lines: Iterable[bytes], *, gpus: Mapping[str, Gpu], by: By = "engine") -> MemoryAccuracy:
    """Return how well the memory of measured cases is predicted, one JSON object a line.

    Raises:
        InvalidRequest: a line is no measured case.
    """
    rows: list[Row] = []
    parts: list[Part] = []
    skipped: Counter[str] = Counter()
    cases = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cases += 1
        case = read_case(line, number=number)
        match case.settings, case.observed:
            case EngineSettingsCase() as settings, EngineObserved() as observed:
                found = _predict(settings, observed, gpus)
                if isinstance(found, Prediction):
                    rows.append(Row(settings=settings, observed=observed, prediction=found))
                else:
                    skipped[found] += 1
            case LlamaCppContextCase() as settings, LlamaCppContextObserved() as observed:
                _add(parts, skipped, compare_context(settings, observed))
            case LlamaCppFileCase() as settings, LlamaCppFileObserved() as observed:
                _add(parts, skipped, compare_file(settings, observed))
            case _:
                raise InvalidRequest("settings and observations differ in kind", code="invalid_case", field="record")
    return summarize(rows, parts, cases=cases, skipped=dict(skipped.most_common()), by=by)


def _add(parts: list[Part], skipped: Counter[str], found: list[Part] | Skip) -> None:
    if isinstance(found, str):
        skipped[found] += 1
    else:
        parts.extend(found)


def _predict(case: EngineSettingsCase, observed: EngineObserved, gpus: Mapping[str, Gpu]) -> Prediction | Skip:
    if case.not_predictable or (observed.failure_class or "").startswith("environment"):
        return case.not_predictable or "it failed for its environment"
    engine = case.engine.partition("/")[0]
    if engine in {"llama.cpp", "ollama"}:
        return predict_log(case)
    predictors = {"vllm": predict, "sglang": predict_sglang, "tensorrt-llm": predict_tensorrt_llm}
    if engine not in predictors:
        return f"no rules for {engine}"
    return predictors[engine](case, gpus)
