"""The API held to its OpenAPI document by a client that knows nothing else, for half a minute."""

from tests.service.api.contract.client import run_client


def test_a_client_that_knows_the_document_only_finds_nothing_that_it_does_not_tell() -> None:
    # `make contract` goes on for ten minutes, and tries the bounds of each parameter: thousands of requests.
    status, written = run_client(examples=2, words=["--phases", "examples,fuzzing,stateful", "--no-shrink"])
    assert status == 0, written
    assert "Tested: 54" in written
