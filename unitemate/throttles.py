"""How many requests a caller may make; the rates stand in settings."""

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, BaseThrottle, UserRateThrottle

from realtime.addresses import counted


class ByAddress(BaseThrottle):
    """Whoever has no account counts by `realtime.addresses.counted`."""

    def get_ident(self, request: Request) -> str:
        """What stands for the client."""
        return counted(super().get_ident(request))


class PerUser(ByAddress, UserRateThrottle):
    """Counts by account, and by address for callers without one."""

    scope = "user"


class PerAddress(ByAddress, AnonRateThrottle):
    """Counts callers without an account by address."""

    scope = "address"
