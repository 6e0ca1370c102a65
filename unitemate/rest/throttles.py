"""Rate limits; the rates are in settings.

Each request under `/api/` is first counted by address, so that refused requests count as well. A request with a
valid token is then counted by its account instead, since many players may share an address.
"""

from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from realtime.socket.addresses import rate_limit_key
from unitemate.rest.counting_cache import Count
from users.authentication import BearerAuthentication
from users.models import User
from users.tokens import Claims


class Throttle(SimpleRateThrottle):
    """A rate limit that counts in one atomic step.

    REST framework's own throttle reads, adds and writes, so that simultaneous requests count as one. The window
    begins with a caller's first request.
    """

    num_requests: int | None
    duration: int | None
    left = 0.0
    """Seconds until the window of the last count ends."""

    def allow_request(self, request: Any, view: Any = None) -> bool:
        """Count a request.

        Args:
            request: REST framework's, or Django's.
            view: that it is for; None before it is known.

        Returns:
            Whether it may go on.
        """
        key = self.get_cache_key(request, view) if settings.UNITEMATE_LIMITS else None
        return key is None or self.is_within(key)

    def is_within(self, key: str, give_back: str | None = None) -> bool:
        """Count one more at a key and one less at another; whether the rate is kept."""
        if self.num_requests is None or self.duration is None:  # a rate of None: there is none
            return True
        number, self.left = cast(Count, cache.count(key, self.duration, give_back))  # type: ignore[attr-defined]
        return number <= self.num_requests

    def wait(self) -> float:
        """Seconds until requests are accepted again."""
        return self.left

    def get_ident(self, request: Any) -> str:
        """The key of clients without an account: see `realtime.socket.addresses.rate_limit_key`."""
        return rate_limit_key(super().get_ident(request))

    def key_of(self, ident: str) -> str:
        """The cache key of a caller."""
        return self.cache_format % {"scope": self.scope, "ident": ident}


class PerAddress(Throttle):
    """Counts by address."""

    scope = "address"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.key_of(self.get_ident(request))


class PerUser(Throttle):
    """Counts by account. Callers without an account are not counted."""

    scope = "user"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        return self.key_of(str(request.user.pk)) if request.user.is_authenticated else None


class PerScope(Throttle, ScopedRateThrottle):
    """Counts views with a `throttle_scope` separately, by account or else by address."""

    def allow_request(self, request: Any, view: Any = None) -> bool:
        self.scope = getattr(view, "throttle_scope", None)
        if self.scope is None:
            return True
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super().allow_request(request, view)


class CountedAuthentication(BearerAuthentication):
    """Counts an account as soon as it is known, so that refused requests count as well."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """Authenticate, and count the request at the account instead of the address.

        Raises:
            Throttled: the account has made too many requests (429).
        """
        found = super().authenticate(request)
        if found is not None and settings.UNITEMATE_LIMITS:
            throttle, by_address = PerUser(), PerAddress()
            given_back = by_address.get_cache_key(request, None)
            if not throttle.is_within(throttle.key_of(found[0].pk), given_back):
                raise Throttled(throttle.wait())
        return found
