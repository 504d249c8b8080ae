"""The API held to its OpenAPI document by a client that knows nothing else."""
