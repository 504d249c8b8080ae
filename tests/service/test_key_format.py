"""What an API key looks like, and how it is struck out."""

from service.key_format import holds_key, make_key, read_key, strike_out_keys


def test_keys_are_long_and_never_the_same() -> None:
    keys = {make_key() for _ in range(1_000)}
    assert len(keys) == 1_000
    assert all(len(bytes.fromhex(key.rpartition("_")[2])) == 32 for key in keys)


def test_a_key_is_read_as_its_id_and_a_hash_that_follows_from_nothing_else() -> None:
    key = make_key()
    presented = read_key(key)
    assert presented == read_key(key)
    assert presented is not None
    assert presented.key_id == key.split("_")[1]
    assert presented.secret_hash not in key
    assert key.split("_")[2] not in repr(presented)


def test_what_is_no_key_is_read_as_none() -> None:
    key = make_key()
    for text in ("", "r1p_", key[:-1], key + "0", key.upper(), f" {key}", key.replace("r1p", "r2p"), "r1p_x_y"):
        assert read_key(text) is None, text


def test_a_key_is_struck_out_wherever_it_stands_and_cut_off_too() -> None:
    key = make_key()
    key_id = key.split("_")[1]
    assert strike_out_keys(f"GET /{key}?a=1 {key}\n{key[:30]}") == (
        f"GET /r1p_{key_id}_***?a=1 r1p_{key_id}_***\nr1p_{key_id}_***"
    )
    assert strike_out_keys("no r1p_key here") == "no r1p_key here"
    assert holds_key(f"x{key[:20]}")
    assert not holds_key("r1p_ is how keys begin")
