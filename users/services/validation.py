"""Checks that several services share."""

from collections.abc import Collection, Sequence

from users.errors import Invalid


def distinct(values: Sequence[str], *, field: str, known: Collection[str]) -> list[str]:
    """The values, if each is known and none is repeated.

    Raises:
        Invalid: `unknown` or `duplicate`.
    """
    if any(value not in known for value in values):
        raise invalid(field, "One of these is not yours to choose.", "unknown")
    if len(set(values)) != len(values):
        raise invalid(field, "One of these is given twice.", "duplicate")
    return list(values)


def invalid(field: str, message: str, code: str) -> Invalid:
    """The error for one field; the caller raises it."""
    return Invalid({field: Invalid(message, code=code)})
