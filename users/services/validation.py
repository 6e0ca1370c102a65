"""What several services check alike."""

from collections.abc import Collection, Sequence

from users.errors import Invalid


def distinct(values: Sequence[str], *, field: str, known: Collection[str]) -> list[str]:
    """The values, if each is known and none stands there twice."""
    if any(value not in known for value in values):
        raise invalid(field, "There is something in it that you cannot choose.", "unknown")
    if len(set(values)) != len(values):
        raise invalid(field, "The same stands there twice.", "duplicate")
    return list(values)


def invalid(field: str, message: str, code: str) -> Invalid:
    """A refusal because of one field."""
    return Invalid({field: Invalid(message, code=code)})
