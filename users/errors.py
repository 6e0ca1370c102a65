"""What a service raises when it refuses; the REST layer shows `code`, `detail` and `attr` to the caller."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers, status
from rest_framework.exceptions import APIException

Invalid = ValidationError
"""Bad input: `Invalid({"field": ["..."]})` becomes a 400 with `attr` set to the field."""


class Forbidden(APIException):
    """403: the caller may not do this. `code` says why."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "forbidden"
    default_detail = "You may not do this."


class NotFound(APIException):
    """404: there is no such thing, or none that the caller may know of."""

    status_code = status.HTTP_404_NOT_FOUND
    default_code = "not_found"
    default_detail = "Not found."


class Conflict(APIException):
    """409: the request does not fit the present state. `code` says which part of it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "This does not fit the present state."


class SignedOut(Exception):
    """The token is from before its bearer's account was deleted; a new sign-in makes a new account."""


class ErrorEntry(serializers.Serializer):
    """One thing that is wrong."""

    code = serializers.CharField(help_text="For programs, such as `banned` or `in_match`.")
    detail = serializers.CharField(help_text="In English, for developers; clients put `code` into words of their own.")
    attr = serializers.CharField(allow_null=True, help_text="The field of the request that it is about.")


class ErrorAnswer(serializers.Serializer):
    """The form of every error, for the OpenAPI document."""

    type = serializers.ChoiceField(("validation_error", "client_error", "server_error"))
    errors = ErrorEntry(many=True)  # type: ignore[assignment]  # a field, as the metaclass has it


def or_conflict(answer: Any) -> dict[int, Any]:
    """For `extend_schema(responses=…)`: this answer, or 409 where the request does not fit the present state."""
    return {status.HTTP_200_OK: answer, status.HTTP_409_CONFLICT: ErrorAnswer}
