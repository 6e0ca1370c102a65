"""Who may do what over REST, beyond being signed in."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class NotBanned(BasePermission):
    """Lets banned accounts read but not write: 403 with the code `banned`."""

    message = "This account is banned."
    code = "banned"

    def has_permission(self, request: Request, view: Any) -> bool:
        """See `BasePermission.has_permission`."""
        return request.method in SAFE_METHODS or not getattr(request.user, "is_banned", False)
