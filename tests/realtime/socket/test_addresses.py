"""By what limits count clients that have no name."""

import pytest

from realtime.socket.addresses import rate_limit_key

pytestmark = pytest.mark.sqlite  # it needs no database: once is enough


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:0:7:1234:5678:9abc:def0", "2001:db8:0:7::/64"),
        ("2001:db8:0:7::1", "2001:db8:0:7::/64"),
        ("2001:db8:0:8::1", "2001:db8:0:8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        ("testserver", "testserver"),
        ("203.0.113.9:80", "203.0.113.9:80"),
    ],
)
def test_an_ipv6_customer_counts_as_one_and_all_else_as_it_is(address, stands_for):
    assert rate_limit_key(address) == stands_for
