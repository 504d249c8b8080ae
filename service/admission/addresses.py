"""From which address a request comes, and what of an address counts."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from msgspec import Struct

Networks = Sequence[IPv4Network | IPv6Network]
# What a provider hands to one customer; who has one has all addresses in it.
_IPV6_CUSTOMER_BITS: Final = 64
_KNOWN_ADDRESSES: Final = 4_096


class Origin(Struct, frozen=True):
    """What requests from an address are counted under, and whether that is this machine itself."""

    name: str
    is_loopback: bool


def find_address(peer: str, *, forwarded_for: str | None, trusted: Networks) -> str:
    """Return the address that a request comes from: `peer`, who is connected, or whom a trusted proxy speaks for.

    `forwarded_for` is the X-Forwarded-For header, to which each proxy adds at the end whom it speaks for. It is read
    from there, and only for as long as trusted proxies speak: what stands before, the caller may have made up.
    """
    found = peer
    if forwarded_for is None or not _is_trusted(peer, trusted):
        return found
    for part in reversed(forwarded_for.split(",")):
        address = _read(part.strip())
        if address is None:
            return found
        found = str(address)
        if not _is_trusted(found, trusted):
            return found
    return found


@lru_cache(maxsize=_KNOWN_ADDRESSES)
def origin_of(address: str) -> Origin:
    """Return what `address` is counted under; no IP address is a Unix socket's or a test's, on this machine."""
    read = _read(address)
    if read is None:
        return Origin("local", is_loopback=True)
    if read.is_loopback:
        return Origin("loopback", is_loopback=True)
    if isinstance(read, IPv6Address):
        return Origin(str(IPv6Network((read, _IPV6_CUSTOMER_BITS), strict=False)), is_loopback=False)
    return Origin(str(read), is_loopback=False)


@lru_cache(maxsize=_KNOWN_ADDRESSES)
def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _is_trusted(text: str, trusted: Networks) -> bool:
    address = _read(text)
    return address is not None and any(address in network for network in trusted)
