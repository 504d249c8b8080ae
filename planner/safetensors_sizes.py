"""Exact bytes of a model in the formats that GPU servers load: what each linear layer stores beside its weights.

The token embedding, the output matrix, norms and biases stay in 16 bits in every one of them.
"""

from collections.abc import Callable

from planner.model import ModelSpec
from planner.tensors import Matrix, block_matrices, count_parameters
from planner.units import divide_up

_SHAPE_BYTES = 16
_NF4_CODE_BYTES = 16 * 4
_NESTED_CODE_BYTES = 256 * 4 + 4

MatrixBytes = Callable[[Matrix], int]


def _fp8_channel(matrix: Matrix) -> int:
    return matrix.elements + 2 * matrix.rows


def _fp8_tensor(matrix: Matrix) -> int:
    return matrix.elements + 4 + 4


def _fp8_block(matrix: Matrix) -> int:
    return matrix.elements + 2 * divide_up(matrix.rows, 128) * divide_up(matrix.columns, 128)


def _int4(matrix: Matrix, *, group: int) -> int:
    """Return packed 4-bit weights and a 16-bit scale for each group of inputs."""
    return divide_up(matrix.elements, 2) + 2 * matrix.rows * divide_up(matrix.columns, group)


def _int4_zeros(matrix: Matrix, *, group: int) -> int:
    return divide_up(matrix.rows * divide_up(matrix.columns, group), 2)


def _w4a16(matrix: Matrix) -> int:
    return _int4(matrix, group=128) + _SHAPE_BYTES


def _w4a16_g64(matrix: Matrix) -> int:
    return _int4(matrix, group=64) + _int4_zeros(matrix, group=64) + _SHAPE_BYTES


def _awq(matrix: Matrix) -> int:
    return _int4(matrix, group=128) + _int4_zeros(matrix, group=128)


def _gptq(matrix: Matrix) -> int:
    return _awq(matrix) + 4 * matrix.columns


def _nvfp4(matrix: Matrix) -> int:
    return divide_up(matrix.elements, 2) + matrix.rows * divide_up(matrix.columns, 16) + 4 + 4


def _mxfp4(matrix: Matrix) -> int:
    return divide_up(matrix.elements, 2) + matrix.rows * divide_up(matrix.columns, 32)


def _mxfp8(matrix: Matrix) -> int:
    return matrix.elements + matrix.rows * divide_up(matrix.columns, 32)


def _nf4(matrix: Matrix) -> int:
    return divide_up(matrix.elements, 2) + 4 * divide_up(matrix.elements, 64) + _NF4_CODE_BYTES


def _nf4_nested(matrix: Matrix) -> int:
    blocks = divide_up(matrix.elements, 64)
    return divide_up(matrix.elements, 2) + blocks + 4 * divide_up(blocks, 256) + _NF4_CODE_BYTES + _NESTED_CODE_BYTES


def _int8_rows(matrix: Matrix) -> int:
    return matrix.elements + 4 * matrix.rows


MATRIX_BYTES: dict[str, MatrixBytes] = {
    "bf16": lambda matrix: 2 * matrix.elements,
    "fp16": lambda matrix: 2 * matrix.elements,
    "fp8": _fp8_channel,
    "fp8_static": _fp8_tensor,
    "fp8_block": _fp8_block,
    "int8": _fp8_channel,
    "w4a16": _w4a16,
    "awq": _awq,
    "gptq": _gptq,
    "w4a16_g64": _w4a16_g64,
    "nvfp4": _nvfp4,
    "mxfp4": _mxfp4,
    "mxfp8": _mxfp8,
    "bnb_nf4": _nf4,
    "bnb_nf4_dq": _nf4_nested,
    "bnb_int8": _int8_rows,
}


def block_bytes(model: ModelSpec, weight_format: str) -> int:
    """Return what the matrices of one layer store in `weight_format`, scales and zero points included."""
    return sum(map(MATRIX_BYTES[weight_format], block_matrices(model)))


def stored_bytes(model: ModelSpec, weight_format: str) -> int:
    """Return the exact bytes of all tensors of `model` in `weight_format`, file headers not counted."""
    sixteen_bit_blocks = block_bytes(model, "bf16")
    quantized = block_bytes(model, weight_format)
    return 2 * count_parameters(model) + model.num_hidden_layers * (quantized - sixteen_bit_blocks)
