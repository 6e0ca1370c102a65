"""The key under which anonymous clients are rate-limited."""

from ipaddress import IPv6Address, IPv6Network, ip_address

IPV6_PREFIX = 64
"""Bits of an IPv6 address that name a customer's network. The other bits name a device and change (RFC 4291, 8981)."""


def rate_limit_key(address: str) -> str:
    """The key of a client's address in a count.

    Args:
        address: the client's address, as the server or its proxy gives it.

    Returns:
        An IPv4 address itself, also from an IPv6 address that maps one. Of any other IPv6 address the network of its
        first 64 bits. A text that is no address is returned as it is.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), IPV6_PREFIX), strict=False))
