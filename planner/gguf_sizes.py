"""Exact bytes of a model in llama.cpp's GGUF mixes: which tensor gets which type (llama-quant.cpp at 0c1e57098)."""

import functools
from typing import Literal

from msgspec import Struct

from planner.model import ModelSpec
from planner.tensors import Matrix, block_matrices, vector_elements

_BLOCKS = {
    "f16": (1, 2),
    "bf16": (1, 2),
    "q8_0": (32, 34),
    "q6_k": (256, 210),
    "q5_k": (256, 176),
    "q5_1": (32, 24),
    "q5_0": (32, 22),
    "q4_k": (256, 144),
    "q4_1": (32, 20),
    "q4_0": (32, 18),
    "iq4_nl": (32, 18),
    "iq4_xs": (256, 136),
    "q3_k": (256, 110),
    "iq3_s": (256, 110),
    "iq3_xxs": (256, 98),
    "q2_k": (256, 84),
    "iq2_s": (256, 82),
    "iq2_xs": (256, 74),
    "iq2_xxs": (256, 66),
    "iq1_m": (256, 56),
    "iq1_s": (256, 50),
    "tq2_0": (256, 66),
    "tq1_0": (256, 54),
    "q2_0": (64, 18),
    "q1_0": (128, 18),
}
"""Weights and bytes of one block of each tensor type (GGML_QUANT_SIZES)."""

_SMALLER_BLOCK = {
    **dict.fromkeys(("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_xs"), "iq4_nl"),
    **dict.fromkeys(("q2_0", "q2_k", "q3_k", "tq1_0", "tq2_0"), "q4_0"),
    "q4_k": "q5_0",
    "q5_k": "q5_1",
    "q6_k": "q8_0",
}
_SEVENTY_B_LAYERS = 80

Where = Literal["all", "first_eighth", "first_sixteenth", "first_two", "first_four", "more_bits", "middle"]


class Rule(Struct, frozen=True, kw_only=True):
    """A tensor kind gets `becomes` in the layers `where`; `grouped` limits it to 4 or more query heads a KV head."""

    kind: str
    becomes: str
    where: Where = "all"
    grouped: bool | None = None
    imatrix: bool | None = None


class Mix(Struct, frozen=True, kw_only=True):
    """A named mix: the type of tensors that no rule names, of the embedding and of the output; the last rule wins."""

    default: str
    embedding: str = ""
    output: str = "q6_k"
    rules: tuple[Rule, ...] = ()


class GgufSize(Struct, frozen=True, kw_only=True):
    """Exact tensor bytes of a model in a mix.

    The embedding stays in host memory, an output tied to it is copied to the GPU; `rope_bytes` are on every GPU that
    holds a layer. `block_bytes` has an entry a layer, `output_bytes` includes the last norm.
    """

    stored_bytes: int
    embedding_bytes: int
    block_bytes: tuple[int, ...]
    largest_matrix_bytes: int
    output_bytes: int
    rope_bytes: int
    is_tied: bool

    @property
    def host_only_bytes(self) -> int:
        """Bytes that no GPU holds although all layers are on GPUs."""
        return 0 if self.is_tied else self.embedding_bytes


def gguf_size(model: ModelSpec, mix: Mix, *, imatrix: bool) -> GgufSize:
    """Return the exact bytes of `model` in `mix`, made with or without an importance matrix."""
    columns = [_bytes_by_layer(model, mix, matrix, imatrix=imatrix) for matrix in block_matrices(model)]
    vectors = _layer_vectors_bytes(model)
    blocks = tuple(vectors + sum(layer) for layer in zip(*columns, strict=True))
    shape = Matrix(name="embedding", rows=model.vocab_size, columns=model.hidden_size)
    output_type = mix.output or mix.default
    embedding_type = output_type if model.tie_word_embeddings else mix.embedding or mix.default
    embedding = _matrix_bytes(shape, embedding_type)
    output = 0 if model.tie_word_embeddings else _matrix_bytes(shape, output_type)
    norm, rope = 4 * model.hidden_size, 4 * _rope_factors(model)
    return GgufSize(
        stored_bytes=sum(blocks) + embedding + output + norm + rope,
        embedding_bytes=embedding,
        block_bytes=blocks,
        largest_matrix_bytes=max(map(max, columns)),
        output_bytes=(embedding if model.tie_word_embeddings else output) + norm,
        rope_bytes=rope,
        is_tied=model.tie_word_embeddings,
    )


def block_type_bytes(name: str, elements: int) -> int:
    """Return the bytes of `elements` weights in tensor type `name`; they fill whole blocks."""
    weights, size = _BLOCKS[name]
    return elements // weights * size


def _bytes_by_layer(model: ModelSpec, mix: Mix, matrix: Matrix, *, imatrix: bool) -> list[int]:
    """Return a matrix's bytes in each layer; of the rules that apply there the last one wins."""
    layers = model.num_hidden_layers
    is_grouped = model.num_attention_heads >= 4 * model.num_key_value_heads
    types = [mix.default] * layers
    for rule in mix.rules:
        if rule.kind == matrix.name and rule.grouped in {None, is_grouped} and rule.imatrix in {None, imatrix}:
            for layer in _layers_in(rule.where, layers):
                types[layer] = rule.becomes
    if matrix.name == "attn_v" and layers == _SEVENTY_B_LAYERS:
        types = ["q5_k" if name in {"q3_k", "q4_k"} else name for name in types]
    sizes = {name: _matrix_bytes(matrix, name) for name in set(types)}
    if len(sizes) == 1:
        return [sizes[types[0]]] * layers
    return [sizes[name] for name in types]


@functools.cache
def _layers_in(where: Where, layers: int) -> tuple[int, ...]:
    """Return the layers that `where` names in a model of `layers`."""
    first_eighth, last_eighth = layers // 8, 7 * layers // 8
    ends = {
        "all": layers,
        "first_eighth": first_eighth,
        "first_sixteenth": layers // 16,
        "first_two": 2,
        "first_four": 4,
    }
    if where in ends:
        return tuple(range(min(layers, ends[where])))
    middle = range(first_eighth, last_eighth)
    if where == "middle":
        return tuple(middle)
    return tuple(at for at in range(layers) if at not in middle or (at - first_eighth) % 3 == 2)  # noqa: PLR2004


def _matrix_bytes(matrix: Matrix, name: str) -> int:
    """Return a matrix's bytes; rows that do not fill blocks fall back to a type of smaller blocks, then to F16."""
    for candidate in (name, _SMALLER_BLOCK.get(name, name)):
        if matrix.columns % _BLOCKS[candidate][0] == 0:
            return block_type_bytes(candidate, matrix.elements)
    return 2 * matrix.elements


def _layer_vectors_bytes(model: ModelSpec) -> int:
    return 4 * (vector_elements(model) - model.hidden_size) // model.num_hidden_layers


def _rope_factors(model: ModelSpec) -> int:
    """Return the elements of rope_freqs, which the converter writes for Llama 3 scaling."""
    rope = model.rope_scaling
    return model.head_dim // 2 if rope is not None and rope.rope_type == "llama3" else 0
