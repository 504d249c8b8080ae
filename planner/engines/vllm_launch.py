"""The `vllm serve` command of a plan."""

import json
import shlex

from planner.engines import Deployment, Launch
from planner.engines.checkpoint_notes import local_path, notes_on
from planner.engines.vllm_budget import VllmSettings
from planner.engines.vllm_support import SIXTEEN_BIT, needs_flashinfer
from planner.model import ModelSpec
from planner.weight_format import Checkpoint


def compose_launch(
    deployment: Deployment, checkpoint: Checkpoint, settings: VllmSettings, *, chunked_prefill_flag: bool = False
) -> Launch:
    """Return the command that serves `deployment` with these settings, all decided, and what to know before.

    `chunked_prefill_flag` asks for chunked prefill by name: engine V0 turns it on by itself only above 32,768 tokens.
    """
    model, gpu = deployment.model, deployment.gpu
    words = [
        f"vllm serve {shlex.quote(checkpoint.repository or local_path(deployment))}",
        f"--served-model-name {shlex.quote(model.model_id)}",
        f"--max-model-len {deployment.context}",
        f"--max-num-seqs {settings.max_num_seqs}",
        f"--max-num-batched-tokens {settings.max_num_batched_tokens}",
        f"--gpu-memory-utilization {settings.gpu_memory_utilization:.2f}",
        f"--dtype {_dtype(deployment)}",
        f"--kv-cache-dtype {_kv_cache_dtype(deployment)}",
    ]
    if deployment.tensor_parallel_size > 1:
        words.append(f"--tensor-parallel-size {deployment.tensor_parallel_size}")
    if deployment.replicas > 1:
        words.append(f"--data-parallel-size {deployment.replicas}")
    if needs_flashinfer(deployment.kv_cache_dtype, gpu):
        words.append("--attention-backend FLASHINFER")
    if chunked_prefill_flag:
        words.append("--enable-chunked-prefill")
    if settings.enforce_eager:
        words.append("--enforce-eager")
    if settings.block_size is not None:
        words.append(f"--block-size {settings.block_size}")
    if settings.kv_cache_memory_bytes is not None:
        words.append(f"--kv-cache-memory-bytes {settings.kv_cache_memory_bytes}")
    overrides = _yarn_overrides(model)
    if overrides is not None:
        words.append(f"--hf-overrides {shlex.quote(json.dumps(overrides))}")
    return Launch(command=" \\\n  ".join(words), notes=tuple(_notes(deployment, checkpoint)))


def _dtype(deployment: Deployment) -> str:
    """Name the 16-bit type: the weights' own, else the cache's, else what the GPU has."""
    weights = deployment.weight_format.weight_format
    cache = deployment.kv_cache_dtype.kv_cache_dtype
    for name in (weights, cache):
        if name in SIXTEEN_BIT:
            return SIXTEEN_BIT[name]
    capability = deployment.gpu.compute_capability
    return "half" if capability is not None and capability < (8, 0) else "bfloat16"


def _kv_cache_dtype(deployment: Deployment) -> str:
    name = deployment.kv_cache_dtype.kv_cache_dtype
    return "auto" if name in SIXTEEN_BIT else name


def _yarn_overrides(model: ModelSpec) -> dict[str, dict[str, float | str]] | None:
    """Return what makes vLLM keep YaRN's temperature as the config means it: vLLM does not read `attn_factor`."""
    rope = model.rope_scaling
    if rope is None or rope.attn_factor is None or model.rope_theta is None:
        return None
    return {
        "rope_parameters": {
            "rope_type": rope.rope_type,
            "rope_theta": model.rope_theta,
            "factor": rope.factor,
            "original_max_position_embeddings": rope.original_max_position_embeddings,
            "attention_factor": 1.0,
        }
    }


def _notes(deployment: Deployment, checkpoint: Checkpoint) -> list[str]:
    notes = [*notes_on(deployment, checkpoint)]
    if _yarn_overrides(deployment.model) is not None:
        notes.append(
            "This model's config cancels YaRN's attention temperature with attn_factor, which vLLM 0.33 ignores: "
            "without --hf-overrides its attention logits would be 1.30 times too large."
        )
    if deployment.kv_cache_dtype.kv_cache_dtype in {"fp8", "nvfp4"}:
        notes.append("The KV cache scales are 1.0 unless the checkpoint carries calibrated ones.")
    if deployment.replicas > 1:
        notes.append(
            f"{deployment.replicas} independent replicas behind one port; --max-num-seqs holds for each of them."
        )
    return notes
