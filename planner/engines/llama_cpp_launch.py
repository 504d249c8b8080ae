"""The `llama-server` command of a plan."""

import shlex

from planner.engines import Deployment, Launch
from planner.engines.checkpoint_notes import notes_on
from planner.engines.llama_cpp_buffers import LlamaCppSettings
from planner.weight_format import Checkpoint

_FIRST_PORT = 8080
_CACHE_TYPES = {"fp16": "f16"}
_DEVICE_VARIABLES = {"nvidia": "CUDA_VISIBLE_DEVICES", "amd": "HIP_VISIBLE_DEVICES", "intel": "ONEAPI_DEVICE_SELECTOR"}


def compose_launch(deployment: Deployment, checkpoint: Checkpoint, settings: LlamaCppSettings) -> Launch:
    """Return the command that starts one server for each replica, each on GPUs and a port of its own."""
    cache_name = deployment.kv_cache_dtype.kv_cache_dtype
    cache = _CACHE_TYPES.get(cache_name, cache_name)
    path = f"./{deployment.model.model_id}-{checkpoint.file_tag}.gguf"
    source = (
        f"-hf {checkpoint.repository}:{checkpoint.file_tag}" if checkpoint.repository else f"-m {shlex.quote(path)}"
    )
    layers = "all" if settings.n_gpu_layers is None else settings.n_gpu_layers
    words = [
        f"llama-server {source}",
        f"-c {settings.n_ctx} -np {settings.n_seq_max} {'--kv-unified' if settings.kv_unified else '--no-kv-unified'}",
        f"-ctk {cache} -ctv {cache} -fa {'on' if settings.flash_attn else 'off'}",
        f"-ngl {layers} -b {settings.n_batch} -ub {settings.n_ubatch} --fit off",
    ]
    if not settings.offload_kqv:
        words.append("--no-kv-offload")
    size, replicas = deployment.tensor_parallel_size, deployment.replicas
    if size > 1:
        words.append(f"-sm layer -ts {','.join('1' * size)}")
    vendor = deployment.gpu.vendor
    if replicas > 1:
        words.append('--port "$((' + f"{_FIRST_PORT} + replica" + '))"')
        devices = '"$replica"' if size == 1 else _device_range(size)
        command = f"{_devices(vendor, devices)} " + " \\\n    ".join(words)
        command = f"for replica in $(seq 0 {replicas - 1}); do\n  {command} &\ndone; wait"
    else:
        command = " \\\n  ".join(words)
        if size > 1:
            command = f"{_devices(vendor, ','.join(map(str, range(size))))} {command}"
    return Launch(command=command, notes=tuple(_notes(deployment, checkpoint, path=path)))


def _devices(vendor: str, devices: str) -> str:
    prefix = "level_zero:" if vendor == "intel" else ""
    return f"{_DEVICE_VARIABLES.get(vendor, 'CUDA_VISIBLE_DEVICES')}={prefix}{devices}"


def _device_range(size: int) -> str:
    """Return a shell expression for the devices of the replica that `$replica` numbers."""
    first = "$((" + f"{size} * replica" + "))"
    last = "$((" + f"{size} * replica + {size - 1}" + "))"
    return f'"$(seq -s, {first} {last})"'


def _notes(deployment: Deployment, checkpoint: Checkpoint, *, path: str) -> list[str]:
    notes = [*notes_on(deployment, checkpoint, path=path)]
    if deployment.tensor_parallel_size > 1:
        notes.append("The layers are split over the GPUs evenly (-ts); they work in turn, not at once.")
    if deployment.batch > 1:
        notes.append(f"-c is the context of all {deployment.batch} sequences together, split evenly among them.")
    if deployment.replicas > 1:
        last = _FIRST_PORT + deployment.replicas - 1
        notes.append(f"One server for each replica, on ports {_FIRST_PORT} to {last}: put a load balancer before them.")
    return notes
