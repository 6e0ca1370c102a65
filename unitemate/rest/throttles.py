"""How many requests a caller may make; the rates stand in settings.

Each request under `/api/` is counted by address before anything of it is looked at, so that refusals count as well.
One that carries a valid token is then counted by its account instead: many players may share an address.
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
    """A rate by which callers are counted in one atomic step.

    REST framework's own reads what it knows, adds to it and writes it back, so that requests that come together
    are counted as one. The window begins with a caller's first request.
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
        """Count one more at a key, and one less at another; whether there have not been too many by now."""
        if self.num_requests is None or self.duration is None:  # a rate of None: there is none
            return True
        number, self.left = cast(Count, cache.count(key, self.duration, give_back))  # type: ignore[attr-defined]
        return number <= self.num_requests

    def wait(self) -> float:
        """Seconds until requests are taken again."""
        return self.left

    def get_ident(self, request: Any) -> str:
        """The key of clients that have no account: see `realtime.socket.addresses.rate_limit_key`."""
        return rate_limit_key(super().get_ident(request))

    def key_of(self, ident: str) -> str:
        """The key at which a caller is counted."""
        return self.cache_format % {"scope": self.scope, "ident": ident}


class PerAddress(Throttle):
    """Counts whoever calls by address."""

    scope = "address"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.key_of(self.get_ident(request))


class PerUser(Throttle):
    """Counts by account, and callers without one not at all."""

    scope = "user"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        return self.key_of(str(request.user.pk)) if request.user.is_authenticated else None


class PerScope(Throttle, ScopedRateThrottle):
    """Counts views that name a `throttle_scope` on their own, by account or else by address."""

    def allow_request(self, request: Any, view: Any = None) -> bool:
        self.scope = getattr(view, "throttle_scope", None)
        if self.scope is None:
            return True
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super().allow_request(request, view)


class CountedAuthentication(BearerAuthentication):
    """Counts accounts as soon as they are known, so that what is refused to them counts as well."""

    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        """See `BearerAuthentication`.

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
