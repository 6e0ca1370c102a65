"""How staff sign in to the admin: with a password, so there are bounds to trying.

The bounds count attempts, good ones too, by address and by account: one address cannot try many, and many
addresses cannot try one. Whoever is held off is so for a minute, or an hour, whatever they type; that
others can hold a staff member off by guessing in their name is the price, and `manage.py changepassword`
or a shell on the server need no sign-in.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from rest_framework.throttling import SimpleRateThrottle

from unitemate.throttles import ByAddress

WORDS = {
    "en": "Too many attempts. Wait, and try again.",
    "ja": "試行回数が多すぎます。しばらくしてからもう一度お試しください。",
}


class PerAddress(ByAddress, SimpleRateThrottle):
    """Counts attempts by address."""

    scope = "admin"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """See `SimpleRateThrottle`."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class PerAccount(SimpleRateThrottle):
    """Counts attempts by the account that is named, whether or not there is one."""

    scope = "admin_account"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """See `SimpleRateThrottle`."""
        named = request.POST.get("username", "").strip().lower()
        return self.cache_format % {"scope": self.scope, "ident": hashlib.sha256(named.encode()).hexdigest()}


class SignInForm(AdminAuthenticationForm):
    """The admin's own form within bounds."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Refuse before the password is looked at.

        Raises:
            ValidationError: too many attempts, or the wrong password.
        """
        if settings.UNITEMATE_LIMITS:
            by_address, by_account = (
                throttle().allow_request(self.request, None)  # type: ignore[arg-type]
                for throttle in (PerAddress, PerAccount)
            )
            if not (by_address and by_account):
                raise ValidationError(WORDS.get(get_language() or "", WORDS["en"]), code="throttled")
        return super().clean()
