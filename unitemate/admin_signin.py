"""How staff sign in to the admin: with a password, so there are bounds to trying.

The bounds count attempts, good ones too, by address and by account: one address cannot try many, and many
addresses cannot try one. Whoever is held off is so for a minute, or an hour, whatever they type; that
others can hold a staff member off by guessing in their name is the price, and `manage.py changepassword`
or a shell on the server need no sign-in.
"""

import hashlib
import unicodedata
from threading import BoundedSemaphore
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language

from unitemate.rest.throttles import Throttle
from users.models import STAFF_PREFIX

WAITING = 16
"""Attempts that a process takes at the same time, most of which wait for their turn (`unitemate.passwords`)."""
WORDS = {
    "en": "Too many attempts. Wait, and try again.",
    "ja": "試行回数が多すぎます。しばらくしてからもう一度お試しください。",
}

_places = BoundedSemaphore(WAITING)


class PerAddress(Throttle):
    """Counts attempts by address."""

    scope = "admin"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.key_of(self.get_ident(request))


class PerAccount(Throttle):
    """Counts attempts by the account that is named, whether or not there is one."""

    scope = "admin_account"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.key_of(digest(request.POST.get("username", "")))


def digest(name: str) -> str:
    """What stands for a name in the counts: the same for all spellings with which the form signs in."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())
    plain = plain.removeprefix(STAFF_PREFIX)  # with or without it, it is the same account
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


class SignInForm(AdminAuthenticationForm):
    """The admin's own form within bounds."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Refuse before the password is looked at.

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
