"""Sizes and tokens as people write them."""

GIB = 1 << 30


def show_gib(size_bytes: int) -> str:
    """Return a size in GiB with two places, without its unit."""
    return f"{size_bytes / GIB:.2f}"


def show_tokens(tokens: int) -> str:
    """Return a token count as people write it: 32,768 is "32k"."""
    return f"{tokens >> 10}k" if tokens % 1024 == 0 and tokens else f"{tokens:,}"
