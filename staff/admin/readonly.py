"""Pages of rows that are only looked at, or written by actions alone."""

from typing import Any

from django.http import HttpRequest

from staff.admin.audited import AuditedAdmin


class ReadOnly:
    """No form of it can be sent."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, AuditedAdmin):
    """A page without forms; it may have actions."""
