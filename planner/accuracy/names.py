"""Names of formats as logs write them, and the ids they stand for."""

import re

from planner.kv_cache import KvCacheDtype

FLOAT32 = KvCacheDtype(
    kv_cache_dtype="fp32", bits_per_element=32, engines=("llama.cpp",), tier="lossless", tier_basis="reference"
)
_WEIGHT_PATTERNS = (
    (r"\bfp32\b|float32", "fp32"),
    (r"w8a8.*int8|int8.*w8a8|\bint8\b|w8a8", "int8"),
    (r"nvfp4", "nvfp4"),
    (r"mxfp4", "mxfp4"),
    (r"bnb|bitsandbytes|nf4", "bnb_nf4_dq"),
    (r"awq", "awq"),
    (r"w4a16|gptq|\bint4\b", "w4a16"),
    (r"fp8", "fp8"),
    (r"\bbf16\b|bfloat16", "bf16"),
    (r"\bfp16\b|float16|\bhalf\b", "fp16"),
)
_GGUF_TYPE = re.compile(r"\b(iq\d_\w+|q\d_k_\w+|q\d_k|q\d_\d|bf16|f16)\b")
_KV_NAMES = {"auto": "fp16", "f16": "fp16", "float16": "fp16", "bfloat16": "bf16", "fp8_e4m3": "fp8", "fp8_e5m2": "fp8"}
_GGUF_FLOATS = {"f16": "gguf_f16", "bf16": "gguf_bf16"}


def read_weight_format(text: str | None, *, is_gguf: bool) -> str | None:
    """Return the weight format id that a log's words name, or None."""
    words = (text or "").casefold()
    if is_gguf:
        match = _GGUF_TYPE.search(words)
        return None if match is None else _GGUF_FLOATS.get(match[1], match[1])
    for pattern, name in _WEIGHT_PATTERNS:
        if re.search(pattern, words):
            return name
    return None


def read_kv_cache_dtype(text: str | None) -> str:
    """Return the KV cache dtype id that a log's word names; "f32" is float32."""
    word = (text or "auto").casefold()
    return _KV_NAMES.get(word, word)
