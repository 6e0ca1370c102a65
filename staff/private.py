"""Private columns: the audit log says that they have changed, and not what they contain."""

from typing import Any

from django.db.models import Model

_private: dict[str, frozenset[str]] = {}


def keep_private(model: type[Model], *columns: str) -> None:
    """Declare the private columns of a model."""
    _private[model._meta.label_lower] = frozenset(columns)


def is_private(model: type[Model] | Model, column: str) -> bool:
    """Whether this column of the model is private."""
    return column in _private.get(model._meta.label_lower, ())


def names_private(lookup: str) -> bool:
    """Whether a lookup such as `user__email__startswith` contains the name of a private column."""
    private: set[Any] = set().union(*_private.values())
    return not private.isdisjoint(lookup.split("__"))
