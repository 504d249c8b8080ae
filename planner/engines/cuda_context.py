"""What a program takes on a GPU before it allocates anything: the CUDA context and kernels loaded at start."""

from planner.gpu import Gpu
from planner.units import GIB

_CONTEXT_GIB = {
    "Pascal": 0.31,
    "Volta": 0.31,
    "Turing": 0.31,
    "Ampere": 0.51,
    "Ada": 0.38,
    "Hopper": 0.51,
    "Blackwell": 0.59,
    "Blackwell Ultra": 0.59,
}
_UNMEASURED_CONTEXT_GIB = 0.60
_UNIFIED_MEMORY_SYSTEM_GIB = 9.6
UNIFIED_MEMORY_COMPUTE_CAPABILITY = (12, 1)


def context_bytes(gpu: Gpu) -> int:
    """Return the bytes of the context of one process on `gpu`.

    Source: total less free memory at the start of vLLM, llama.cpp and Ollama logs: H100 and H200 0.51 GiB, A100 0.41,
    RTX 3090 0.51, RTX 4090 0.38, L20 0.34, Turing 0.31, RTX PRO 6000 0.55 to 0.59; Pascal and Volta taken as Turing,
    and 0.60 where no reading is known. A GB10 shares its memory with the system, which holds 9.6 GiB of it at idle.
    """
    if gpu.compute_capability == UNIFIED_MEMORY_COMPUTE_CAPABILITY:
        return int(_UNIFIED_MEMORY_SYSTEM_GIB * GIB)
    return int(_CONTEXT_GIB.get(gpu.architecture, _UNMEASURED_CONTEXT_GIB) * GIB)
