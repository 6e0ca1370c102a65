"""OpenAPI for answers that are an object or `null`."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework import serializers


class OrNull(serializers.Serializer):
    """For `extend_schema`: the answer is an object of this serializer, or `null`.

    Args:
        serializer: the class that describes the object.
    """

    def __init__(self, serializer: type[serializers.Serializer]) -> None:
        super().__init__()
        self.serializer = serializer


class OrNullExtension(OpenApiSerializerExtension):
    target_class = OrNull

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        return f"{self.target.serializer.__name__}OrNull"

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        component = auto_schema.resolve_serializer(self.target.serializer, direction)
        return {"allOf": [component.ref], "nullable": True}
