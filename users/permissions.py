"""Who may do what over REST, beyond being signed in."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class NotBanned(BasePermission):
    """Lets banned accounts read but not write: 403 with the code `banned`."""

    message = "This account is banned."
    code = "banned"

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or not getattr(request.user, "is_banned", False)


class IsStaff(BasePermission):
    """Lets organisers and administrators in, unless they are banned: else 403 with the code `permission_denied`."""

    message = "This is for staff."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.is_staff and not getattr(request.user, "is_banned", False)


class HasStaffPermission(IsStaff):
    """Lets staff in who have one of Django's permissions, as in the admin.

    The view names it: `staff_permission = "matches.change_match"`. Roles give permissions (`staff.roles`).
    """

    message = "This is for staff whose role allows it."

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and request.user.has_perm(view.staff_permission)
