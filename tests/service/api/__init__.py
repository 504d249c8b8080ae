"""The API, asked over ASGI and over real processes."""
