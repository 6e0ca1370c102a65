"""How many requests a caller may make; the rates stand in settings."""

from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class PerUser(UserRateThrottle):
    """Counts by account, and by address for callers without one."""

    scope = "user"


class PerAddress(AnonRateThrottle):
    """Counts callers without an account by address."""

    scope = "address"
