"""Which address a request counts for."""

from ipaddress import ip_network

import pytest

from service.admission.addresses import find_address, origin_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.66, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.66,203.0.113.9 , 10.9.9.9", "203.0.113.9"),
        ("10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("10.0.0.1", "unknown, 10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "203.0.113.9:4711", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "2001:db8::9", "2001:db8::9"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_trusted_proxies_say_whom_they_speak_for(peer: str, forwarded_for: str | None, address: str) -> None:
    assert find_address(peer, forwarded_for=forwarded_for, trusted=PROXIES) == address


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert find_address("10.0.0.1", forwarded_for="203.0.113.9", trusted=()) == "10.0.0.1"


def test_all_addresses_of_one_ipv6_customer_count_as_one() -> None:
    assert origin_of("2001:db8::1") == origin_of("2001:db8::ffff:2")
    assert origin_of("2001:db8::1") != origin_of("2001:db8:0:1::1")
    assert origin_of("203.0.113.9") != origin_of("203.0.113.8")
    assert origin_of("::ffff:203.0.113.9") == origin_of("203.0.113.9")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "", "a-unix-socket"])
def test_this_machine_is_known_as_such(address: str) -> None:
    assert origin_of(address).is_loopback
