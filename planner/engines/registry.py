"""The engines that a plan may use, and how to make one for a version and settings of its own."""

from typing import TypeAlias, TypeVar

import msgspec

from planner.engines import Engine
from planner.engines.llama_cpp import LlamaCpp, LlamaCppOptions
from planner.engines.ollama import Ollama, OllamaSettings
from planner.engines.sglang import Sglang
from planner.engines.sglang_budget import SglangSettings
from planner.engines.tensorrt_llm import TensorRtLlm, TensorRtLlmSettings
from planner.engines.vllm import Vllm
from planner.engines.vllm_budget import VllmSettings
from planner.errors import InvalidRequest, UnknownEngine

EngineSettings: TypeAlias = VllmSettings | SglangSettings | TensorRtLlmSettings | LlamaCppOptions | OllamaSettings

_VLLM, _LLAMA_CPP, _SGLANG, _TENSORRT_LLM, _OLLAMA = Vllm(), LlamaCpp(), Sglang(), TensorRtLlm(), Ollama()

ENGINES: dict[str, Engine] = {_VLLM.engine: _VLLM, _LLAMA_CPP.engine: _LLAMA_CPP}
"""The engines that a search tries by default: those with measured cases enough."""

ALL_ENGINES: dict[str, Engine] = {
    **ENGINES,
    _SGLANG.engine: _SGLANG,
    _TENSORRT_LLM.engine: _TENSORRT_LLM,
    _OLLAMA.engine: _OLLAMA,
}
"""Every engine whose memory is modelled."""


def make_engine(name: str, *, engine_version: str | None = None, settings: dict[str, object] | None = None) -> Engine:
    """Return the engine `name` with a version's rules and with settings spelt as that engine spells them.

    Raises:
        UnknownEngine: no engine of that name.
        InvalidRequest: the version has no rules, or a setting is unknown or of the wrong type.
    """
    if name not in ALL_ENGINES:
        raise UnknownEngine(name, known={engine: engine for engine in ALL_ENGINES}, field="engine")
    version = engine_version or ALL_ENGINES[name].engine_version
    given = settings or {}
    match name:
        case "vllm":
            return Vllm(engine_version=version, settings=_convert(given, VllmSettings))
        case "sglang":
            return Sglang(engine_version=version, settings=_convert(given, SglangSettings))
        case "tensorrt-llm":
            return TensorRtLlm(engine_version=version, settings=_convert(given, TensorRtLlmSettings))
        case "ollama":
            return Ollama(engine_version=version, settings=_convert(given, OllamaSettings))
        case _:
            return LlamaCpp(engine_version=version, settings=_convert(given, LlamaCppOptions))


_Settings = TypeVar("_Settings", bound=msgspec.Struct)


def _convert(given: dict[str, object], settings_type: type[_Settings]) -> _Settings:
    try:
        return msgspec.convert(given, settings_type)
    except msgspec.ValidationError as error:
        raise InvalidRequest(
            f"engine settings: {error}",
            code="invalid_engine_settings",
            field="engine_settings",
            allowed=", ".join(settings_type.__struct_fields__),
        ) from error
