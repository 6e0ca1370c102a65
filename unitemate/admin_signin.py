"""Rate limits for signing in to the admin.

Attempts are counted by address and by account, successful ones too. So one address cannot try many
accounts, and many addresses cannot try one account. Beyond the limit every attempt is refused for a minute
(address) or an hour (account), even with the right password. The price is that somebody can lock a staff
member out by guessing in their name; `manage.py` on the server needs no sign-in.
"""

import hashlib
import unicodedata
from threading import BoundedSemaphore
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language

from unitemate.rest import throttles
from users.models import STAFF_PREFIX

WAITING = 16
"""The most attempts that may wait in a process for their turn at hashing (`unitemate.passwords`)."""
WORDS = {
    "en": "Too many attempts. Wait, and try again.",
    "ja": "試行回数が多すぎます。しばらくしてからもう一度お試しください。",
}

_places = BoundedSemaphore(WAITING)


class PerAddress(throttles.PerAddress):
    """Counts attempts by address."""

    scope = "admin"


class PerAccount(throttles.Throttle):
    """Counts attempts by the named account, whether or not it exists."""

    scope = "admin_account"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.key_of(digest(request.POST.get("username", "")))


def digest(name: str) -> str:
    """The key under which an account name is counted: equal for all spellings that sign in to the same account."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())
    plain = plain.removeprefix(STAFF_PREFIX)  # with or without it, it is the same account
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


class SignInForm(AdminAuthenticationForm):
    """The admin's sign-in form, with rate limits."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Refuse too many attempts before checking the password.

        Raises:
            ValidationError: too many attempts, or the wrong password.
        """
        if not (PerAddress().allow_request(self.request) and PerAccount().allow_request(self.request)):
            raise self._held_off()
        if not _places.acquire(blocking=False):
            raise self._held_off()
        try:
            return super().clean()
        finally:
            _places.release()

    def _held_off(self) -> ValidationError:
        return ValidationError(WORDS.get(get_language() or "", WORDS["en"]), code="throttled")
