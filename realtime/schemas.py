"""Typed documents: which fields a projection has, and which of them everybody may see.

Each contribution to a projection names the msgspec Struct of its fields. REST serializers, the AsyncAPI
document and the public part of a projection derive from these Structs::

    class Tournament(Struct):
        name: Public[str]
        entrants: Annotated[Public[dict[str, Entrant]], Meta(description="By user id.")]
        password: Private[str | None]

A stream that everyone holds is public as a whole, so its fields need no mark. In all others each field
has one; `manage.py check` names those without. What is inside a private field is private with it.

A field of type `T | None` is null where a document lacks it. One of type `T | UnsetType` with the default
`UNSET` is absent then.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, TypeVar, cast

import msgspec
from msgspec import NODEFAULT, Meta, Struct, inspect

T = TypeVar("T")
Public = Annotated[T, Meta(extra={"public": True})]
"""Everybody may see this field."""
Private = Annotated[T, Meta(extra={"public": False})]
"""Only those who are entitled to the stream may see this field."""
DateTime = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""A time in the form of RFC 3339."""


def one_of(choices: Iterable[Any]) -> Meta:
    """The mark of a text that has one of these values: `Annotated[str, one_of(Team.choices)]`.

    Args:
        choices: the values, or pairs of a value and its label.
    """
    choices = list(choices)
    values = [choice if isinstance(choice, str) else choice[0] for choice in choices]
    return Meta(extra_json_schema={"enum": values}, extra={"choices": choices})


class Shape(NamedTuple):
    """The type of a value.

    Attributes:
        type: the type itself, without null.
        is_nullable: whether the value may be null.
        notes: what `Annotated` adds: `description`, `format`, `choices`, `public`.
    """

    type: inspect.Type
    is_nullable: bool
    notes: dict[str, Any]


class Field(NamedTuple):
    """A field of a Struct.

    Attributes:
        name: its name.
        shape: its type.
        is_public: whether everybody may see it; None where that is not decided.
        is_required: whether it has no default.
        may_be_absent: whether it is left out, rather than null, where a document lacks it.
        read: takes from a value what belongs there, all of it or the public part.
    """

    name: str
    shape: Shape
    is_public: bool | None
    is_required: bool
    may_be_absent: bool
    read: Callable[[Any, bool], Any]


def shape_of(declared: inspect.Type) -> Shape:
    """Part a type from what `Annotated` and `| None` add to it."""
    is_nullable = False
    notes: dict[str, Any] = {}
    while True:
        if isinstance(declared, inspect.Metadata):
            notes = {**(declared.extra_json_schema or {}), **(declared.extra or {}), **notes}
            declared = declared.type
            continue
        others = _without_null(declared)
        if others is None:
            return Shape(declared, is_nullable, notes)
        is_nullable, declared = True, others


def _without_null(declared: inspect.Type) -> inspect.Type | None:
    if not isinstance(declared, inspect.UnionType):
        return None
    others = [one for one in declared.types if not isinstance(one, inspect.NoneType)]
    return others[0] if len(others) == 1 else None


@cache
def fields_of(struct: type[Struct]) -> tuple[Field, ...]:
    """The fields of a Struct, in their order."""
    described = cast(inspect.StructType, inspect.type_info(struct))
    return tuple(_field(one) for one in described.fields)


def _field(declared: inspect.Field) -> Field:
    shape = shape_of(declared.type)
    # msgspec does not count UNSET as a default.
    has_default = (declared.default, declared.default_factory) != (NODEFAULT, NODEFAULT)
    may_be_absent = not declared.required and not has_default
    is_public = shape.notes.get("public")
    return Field(declared.encode_name, shape, is_public, declared.required, may_be_absent, _reader(shape.type))


def _reader(of: inspect.Type) -> Callable[[Any, bool], Any]:
    """A function that takes from a value what belongs to a type, and None where the value is of another kind."""
    if isinstance(of, inspect.StructType):
        cls = of.cls
        return lambda value, public_only: _object(value, cls, public_only)
    if isinstance(of, inspect.DictType):
        read_value = _reader(shape_of(of.value_type).type)
        return lambda value, public_only: (
            {key: read_value(one, public_only) for key, one in value.items()} if isinstance(value, dict) else None
        )
    if isinstance(of, inspect.ListType):
        read_item = _reader(shape_of(of.item_type).type)
        return lambda value, public_only: (
            [read_item(one, public_only) for one in value] if isinstance(value, list) else None
        )
    return lambda value, public_only: None if isinstance(value, dict | list) else value


def _object(value: Any, struct: type[Struct], public_only: bool) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    found = {}
    for field in fields_of(struct):
        if field.name in value and (field.is_public or not public_only):
            found[field.name] = field.read(value[field.name], public_only)
        elif not field.may_be_absent:
            found[field.name] = None
    return found


def complete(document: dict[str, Any], struct: type[Struct]) -> dict[str, Any]:
    """A document with null for each field that it lacks, and without what the Struct does not have.

    It raises nothing: during a rolling update, documents come from another release, and a column may hold
    what does not belong there.
    """
    return _object(document, struct, public_only=False) or {}


def public_part(document: dict[str, Any], struct: type[Struct]) -> dict[str, Any]:
    """The same, with null for each field that is not marked as public, at every depth."""
    return _object(document, struct, public_only=True) or {}


def combined(structs: Sequence[type[Struct]]) -> type[Struct]:
    """A Struct with the fields of all of these, called as the first of them."""
    first, *others = structs
    if not others:
        return first
    fields: dict[str, Any] = {}
    for struct in structs:
        for one in msgspec.structs.fields(struct):
            fields.setdefault(one.name, (one.name, one.type, *([] if one.default is NODEFAULT else [one.default])))
    return msgspec.defstruct(first.__name__, fields.values(), kw_only=True, namespace={"__doc__": first.__doc__})


def undecided(struct: type[Struct], within: str = "") -> Iterator[str]:
    """The fields, with their paths, that are neither public nor private."""
    for field in fields_of(struct):
        if field.is_public is None:
            yield within + field.name
        elif field.is_public and (inner := _inner_struct(field.shape.type)) is not None:
            yield from undecided(inner, f"{within}{field.name}.")


def _inner_struct(of: inspect.Type) -> type[Struct] | None:
    """The Struct of an object, or of the objects in a list or a map."""
    if isinstance(of, inspect.StructType):
        return of.cls
    if isinstance(of, inspect.DictType):
        return _inner_struct(shape_of(of.value_type).type)
    return _inner_struct(shape_of(of.item_type).type) if isinstance(of, inspect.ListType) else None
