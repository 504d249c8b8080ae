"""The engines that a plan may use."""

from planner.engines import Engine
from planner.engines.llama_cpp import LlamaCpp
from planner.engines.vllm import Vllm

ENGINES: dict[str, Engine] = {engine.engine: engine for engine in (Vllm(), LlamaCpp())}
