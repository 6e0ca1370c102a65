"""Projections over REST: one answer and one serializer for every stream type.

A view answers with `answer`. The serializers describe that answer in the OpenAPI document::

    TournamentProjection = serializer_of(TOURNAMENT)

    @extend_schema(responses=TournamentProjection)
    def get(self, request, tournament_id):
        return Response(answer(TOURNAMENT, tournament_id))
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from msgspec import Struct, inspect
from rest_framework import serializers

from realtime.publishing.publisher import snapshot
from realtime.schemas import Field, Shape, complete, fields_of, public_part, shape_of
from realtime.streams import Document, StreamType

AnySerializer = serializers.Serializer[Any]
AnyField = serializers.Field[Any, Any, Any, Any]
PLAIN: dict[type[inspect.Type], type[AnyField]] = {
    inspect.StrType: serializers.CharField,
    inspect.IntType: serializers.IntegerField,
    inspect.FloatType: serializers.FloatField,
    inspect.BoolType: serializers.BooleanField,
}


def answer(
    stream_type: StreamType,
    key: str = "",
    *,
    public_only: bool = False,
    ended: Callable[[], Document] | None = None,
) -> dict[str, Any] | None:
    """A projection as REST gives it: every field, null where there is no value, and the stream's position.

    Args:
        stream_type: the type of the stream.
        key: the stream's key; empty for a single stream.
        public_only: whether to answer null for each field that is not public.
        ended: returns what to answer with where the stream has ended.

    Returns:
        The fields, `epoch` and `seq`; None where there is no projection.
    """
    state = snapshot(stream_type.stream(key))
    document = state.document
    if document is None and ended is not None:
        document = ended()
    if document is None:
        return None
    fields = (public_part if public_only else complete)(document, stream_type.document)
    return {**fields, "epoch": state.epoch, "seq": state.seq}


@cache
def serializer_of(stream_type: StreamType) -> type[AnySerializer]:
    """The serializer of what `answer` returns, under the name of the type's document.

    Raises:
        TypeError: a field has a type that REST has no form for.
    """
    position = {"epoch": serializers.CharField(), "seq": serializers.IntegerField()}
    document = stream_type.document
    return _serializer(document.__name__, document, {**_form_fields(fields_of(document)), **position})


@cache
def serializer(struct: type[Struct], name: str = "", *, public_only: bool = False) -> type[AnySerializer]:
    """The serializer of a Struct.

    Args:
        struct: the Struct.
        name: the serializer's name; that of the Struct by default.
        public_only: whether it has only the fields that are marked as public.

    Raises:
        TypeError: a field has a type that REST has no form for.
    """
    fields = [field for field in fields_of(struct) if field.is_public or not public_only]
    return _serializer(name or struct.__name__, struct, _form_fields(fields))


def _serializer(name: str, struct: type[Struct], fields: dict[str, Any]) -> type[AnySerializer]:
    return type(name, (serializers.Serializer,), {"__doc__": struct.__doc__, **fields})


def _form_fields(fields: Iterable[Field]) -> dict[str, AnyField]:
    return {field.name: _form(field.shape, **({} if field.is_required else {"required": False})) for field in fields}


def _form(shape: Shape, **options: Any) -> AnyField:
    if "description" in shape.notes:
        options["help_text"] = shape.notes["description"]
    if shape.is_nullable:
        options["allow_null"] = True
    of = shape.type
    if isinstance(of, inspect.StructType):
        return serializer(of.cls)(**options)
    if isinstance(of, inspect.ListType):
        return serializers.ListField(child=_form(shape_of(of.item_type)), **options)
    if isinstance(of, inspect.DictType):
        return serializers.DictField(child=_form(shape_of(of.value_type)), **options)
    if "choices" in shape.notes:
        return serializers.ChoiceField(shape.notes["choices"], **options)
    if shape.notes.get("format") == "date-time":
        return serializers.DateTimeField(**options)
    if type(of) not in PLAIN:
        raise TypeError(f"REST has no form for {of!r}")
    return PLAIN[type(of)](**options)
