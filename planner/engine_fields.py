"""The engine options that a request may give, spelt as each engine spells them."""

from planner.request_fields import MOST_BYTES, Field

_MOST = 1 << 20

ENGINE_FIELDS: dict[str, dict[str, Field]] = {
    "vllm": {
        "gpu_memory_utilization": Field(
            kind="number", most=1, example=0.9, description="vLLM: share of the card that it may use."
        ),
        "max_num_seqs": Field(
            kind="integer",
            least=1,
            most=_MOST,
            example=64,
            description="vLLM: sequences scheduled together, the batch or more.",
        ),
        "max_num_batched_tokens": Field(
            kind="integer", least=1, most=_MOST, example=8192, description="vLLM: tokens of one step."
        ),
        "enforce_eager": Field(kind="boolean", example=True, description="vLLM: no CUDA graphs."),
        "block_size": Field(
            kind="integer", least=1, most=256, example=16, description="vLLM: tokens of a cache block."
        ),
        "kv_cache_memory_bytes": Field(
            kind="integer",
            least=1,
            most=MOST_BYTES,
            example=8_589_934_592,
            description="vLLM: the cache's bytes, instead of profiling.",
        ),
    },
    "sglang": {
        "mem_fraction_static": Field(
            kind="number", most=1, example=0.85, description="SGLang: share of free memory for weights and cache."
        ),
        "chunked_prefill_size": Field(
            kind="integer", least=1, most=_MOST, example=8192, description="SGLang: tokens of one chunk of a prompt."
        ),
        "cuda_graph_max_bs_decode": Field(
            kind="integer",
            least=1,
            most=_MOST,
            example=160,
            description="SGLang: largest batch captured as a CUDA graph.",
        ),
        "max_running_requests": Field(
            kind="integer", least=1, most=_MOST, example=64, description="SGLang: sequences scheduled together."
        ),
        "disable_cuda_graph": Field(kind="boolean", example=True, description="SGLang: no CUDA graphs."),
        "page_size": Field(kind="integer", least=1, most=256, example=1, description="SGLang: tokens of a cache page."),
    },
    "tensorrt-llm": {
        "free_gpu_memory_fraction": Field(
            kind="number", most=1, example=0.9, description="TensorRT-LLM: share of free memory for the cache."
        ),
        "max_num_tokens": Field(
            kind="integer", least=1, most=_MOST, example=8192, description="TensorRT-LLM: tokens of one step."
        ),
        "max_batch_size": Field(
            kind="integer", least=1, most=_MOST, example=64, description="TensorRT-LLM: sequences scheduled together."
        ),
        "tokens_per_block": Field(
            kind="integer", least=1, most=256, example=32, description="TensorRT-LLM: tokens of a cache block."
        ),
    },
    "llama.cpp": {
        "n_batch": Field(
            kind="integer", least=1, most=_MOST, example=2048, description="llama.cpp: tokens of a logical batch."
        ),
        "n_ubatch": Field(
            kind="integer", least=1, most=_MOST, example=512, description="llama.cpp: tokens of a micro-batch."
        ),
        "kv_unified": Field(kind="boolean", example=True, description="llama.cpp: one cache for all sequences."),
        "flash_attn": Field(kind="boolean", example=True, description="llama.cpp: flash attention."),
        "n_gpu_layers": Field(
            kind="integer",
            least=0,
            most=_MOST,
            example=20,
            description="llama.cpp: layers on the GPU, the rest on the processor.",
        ),
        "offload_kqv": Field(kind="boolean", example=True, description="llama.cpp: the cache on the GPU."),
    },
    "ollama": {
        "num_batch": Field(
            kind="integer", least=1, most=_MOST, example=512, description="Ollama: tokens of a micro-batch."
        ),
        "gpu_overhead": Field(
            kind="integer",
            least=0,
            most=MOST_BYTES,
            example=1_073_741_824,
            description="Ollama: bytes of the GPU to leave alone.",
        ),
    },
}
"""The options of each engine by its id; no two engines share a name."""
