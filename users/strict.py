"""Serializers that take what they document and nothing else."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses unknown fields, so that a misspelt one is not silently ignored.

    The error has the code `unknown_field` and the field's name as `attr`.
    """

    def to_internal_value(self, data: Any) -> Any:
        """The validated fields.

        Raises:
            ValidationError: there is an unknown field, or another one is invalid.
        """
        if isinstance(data, Mapping):
            unknown = [str(name)[:50] for name in data if name not in self.fields]
            if unknown:
                detail = ErrorDetail("There is no such field.", code="unknown_field")
                raise serializers.ValidationError({name: [detail] for name in unknown})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A string; unlike `CharField` it makes none out of a number."""

    def to_internal_value(self, data: Any) -> str:
        """Validate; see `CharField.to_internal_value`."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`; unlike `BooleanField` it takes no words or numbers for them."""

    def to_internal_value(self, data: Any) -> bool:
        """Validate; see `BooleanField.to_internal_value`."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class OneOf(serializers.ChoiceField):
    """One of some words; unlike `ChoiceField` it answers no part of what it refuses, which may be anything."""

    default_error_messages = {"invalid_choice": "This is none of the words that are taken."}


def validated(serializer: type[serializers.Serializer], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The body of a request, checked by a serializer.

    Args:
        serializer: the class to check it with.
        request: the request.
        partial: whether required fields may be missing (PATCH).

    Returns:
        The fields that the body has, converted.

    Raises:
        rest_framework.exceptions.ValidationError: the body does not fit (400).
    """
    instance = serializer(data=request.data, partial=partial)
    instance.is_valid(raise_exception=True)
    return dict(instance.validated_data)
