"""The tensors of a dense decoder-only transformer: which matrices and vectors it has, and how large."""

from msgspec import Struct

from planner.model import ModelSpec


class Matrix(Struct, frozen=True, kw_only=True):
    """A linear layer's weight: `rows` outputs by `columns` inputs; `has_bias` adds a vector of `rows`."""

    name: str
    rows: int
    columns: int
    has_bias: bool = False

    @property
    def elements(self) -> int:
        """Weights in the matrix."""
        return self.rows * self.columns


def block_matrices(model: ModelSpec) -> tuple[Matrix, ...]:
    """Return the seven matrices of one layer: attention's query, key, value and output, the MLP's gate, up and down.

    With `attention_bias`, Llama biases all four attention matrices, Qwen2 all but the output.
    """
    hidden, feed_forward = model.hidden_size, model.intermediate_size
    query = model.num_attention_heads * model.head_dim
    key = model.num_key_value_heads * model.head_dim
    bias = model.attention_bias
    return (
        Matrix(name="attn_q", rows=query, columns=hidden, has_bias=bias),
        Matrix(name="attn_k", rows=key, columns=hidden, has_bias=bias),
        Matrix(name="attn_v", rows=key, columns=hidden, has_bias=bias),
        Matrix(name="attn_output", rows=hidden, columns=query, has_bias=bias and not _is_qwen2(model)),
        Matrix(name="ffn_gate", rows=feed_forward, columns=hidden),
        Matrix(name="ffn_up", rows=feed_forward, columns=hidden),
        Matrix(name="ffn_down", rows=hidden, columns=feed_forward),
    )


def embedding_elements(model: ModelSpec) -> int:
    """Return the elements of the token embedding, and of the output matrix, which has the same shape."""
    return model.vocab_size * model.hidden_size


def vector_elements(model: ModelSpec) -> int:
    """Return the elements of all norms and biases, which every format keeps unquantized."""
    biases = sum(matrix.rows for matrix in block_matrices(model) if matrix.has_bias)
    head_norms = 2 * model.head_dim if model.qk_norm else 0
    return model.num_hidden_layers * (2 * model.hidden_size + head_norms + biases) + model.hidden_size


def block_elements(model: ModelSpec) -> int:
    """Return the elements of all layers' matrices, which is what formats quantize."""
    return model.num_hidden_layers * sum(matrix.elements for matrix in block_matrices(model))


def count_parameters(model: ModelSpec) -> int:
    """Return the exact number of parameters; a tied output matrix counts once."""
    embeddings = embedding_elements(model) * (1 if model.tie_word_embeddings else 2)
    return block_elements(model) + embeddings + vector_elements(model)


def _is_qwen2(model: ModelSpec) -> bool:
    return model.architecture == "Qwen2ForCausalLM"
