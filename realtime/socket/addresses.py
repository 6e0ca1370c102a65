"""By what limits count clients that have no name."""

from ipaddress import IPv6Address, IPv6Network, ip_address

IPV6_PREFIX = 64
"""Bits of an IPv6 address that stand for one customer; the rest is each device's own, and changes (RFC 4291, 8981)."""


def rate_limit_key(address: str) -> str:
    """What stands for a client in a count by address.

    Args:
        address: as the server or its proxy has it.

    Returns:
        The address; of an IPv6 address the first 64 bits, and what it maps of IPv4. What is no address stays as it is.
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
