"""What a service raises when it refuses; the REST layer shows `code`, `detail` and `attr` to the caller."""

import math
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers, status
from rest_framework.exceptions import APIException

Invalid = ValidationError
"""Bad input: `Invalid({"field": ["..."]})` becomes a 400 with `attr` set to the field."""


class Refusal(APIException):
    """A refusal that may end.

    Args:
        detail: for people.
        code: for programs.
        until: when it ends, where that is known.
    """

    def __init__(self, detail: str | None = None, code: str | None = None, *, until: datetime | None = None) -> None:
        super().__init__(detail, code)
        self.until = until


class Forbidden(Refusal):
    """403: the caller may not do this. `code` says why."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "forbidden"
    default_detail = "You may not do this."


class NotFound(APIException):
    """404: it does not exist, or the caller may not know that it does."""

    status_code = status.HTTP_404_NOT_FOUND
    default_code = "not_found"
    default_detail = "Not found."


class Conflict(Refusal):
    """409: the request conflicts with the present state. `code` says how."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "This conflicts with the present state."


class TooSoon(Refusal):
    """429: the caller has done this a moment ago. `wait` seconds are left, for `Retry-After`."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_soon"

    def __init__(self, detail: str, *, until: datetime, now: datetime) -> None:
        super().__init__(detail, until=until)
        self.wait = math.ceil((until - now).total_seconds())


class SignedOut(Exception):
    """The token was issued before its bearer's account was deleted. A new sign-in makes a new account."""


class ErrorEntry(serializers.Serializer):
    """One thing that is wrong."""

    code = serializers.CharField(help_text="For programs, such as `banned` or `in_match`.")
    detail = serializers.CharField(help_text="In English, for developers; clients put `code` into words of their own.")
    attr = serializers.CharField(allow_null=True, help_text="The field of the request that it is about.")
    until = serializers.DateTimeField(required=False, help_text="When it will be possible again, where that is known.")


class ErrorAnswer(serializers.Serializer):
    """The form of every error, for the OpenAPI document."""

    type = serializers.ChoiceField(("validation_error", "client_error", "server_error"))
    errors = ErrorEntry(many=True)  # type: ignore[assignment]  # a field, as the metaclass has it


def or_conflict(answer: Any) -> dict[int, Any]:
    """For `extend_schema(responses=…)`: this answer, or 409 where the request conflicts with the present state."""
    return {status.HTTP_200_OK: answer, status.HTTP_409_CONFLICT: ErrorAnswer}
