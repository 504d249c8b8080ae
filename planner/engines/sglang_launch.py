"""The command of SGLang's server for a plan."""

import shlex

from planner.engines import Deployment, Launch
from planner.engines.checkpoint_notes import local_path, notes_on
from planner.engines.sglang_budget import SglangSettings
from planner.weight_format import Checkpoint

_DTYPES = {"fp16": "half", "bf16": "bfloat16"}
_CACHE_TYPES = {"fp8": "fp8_e4m3", "nvfp4": "nvfp4"}


def compose_launch(deployment: Deployment, checkpoint: Checkpoint, settings: SglangSettings) -> Launch:
    """Return the command that serves `deployment` with these settings, all decided, and what to know before."""
    weights = deployment.weight_format.weight_format
    cache = deployment.kv_cache_dtype.kv_cache_dtype
    words = [
        f"python3 -m sglang.launch_server --model-path {shlex.quote(checkpoint.repository or local_path(deployment))}",
        f"--served-model-name {shlex.quote(deployment.model.model_id)}",
        f"--context-length {deployment.context}",
        f"--max-running-requests {settings.max_running_requests}",
        f"--mem-fraction-static {settings.mem_fraction_static}",
        f"--chunked-prefill-size {settings.chunked_prefill_size}",
        f"--dtype {_DTYPES.get(weights, _DTYPES.get(cache, 'auto'))}",
        f"--kv-cache-dtype {_CACHE_TYPES.get(cache, 'auto')}",
        f"--page-size {settings.page_size}",
    ]
    if settings.disable_cuda_graph:
        words.append("--disable-cuda-graph")
    else:
        words.append(f"--cuda-graph-max-bs-decode {settings.cuda_graph_max_bs_decode}")
    if deployment.tensor_parallel_size > 1:
        words.append(f"--tp-size {deployment.tensor_parallel_size}")
    if deployment.replicas > 1:
        words.append(f"--dp-size {deployment.replicas}")
    notes = [*notes_on(deployment, checkpoint)]
    if deployment.replicas > 1:
        notes.append("--max-running-requests and the cache are those of each replica.")
    return Launch(command=" \\\n  ".join(words), notes=tuple(notes))
