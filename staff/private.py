"""Columns that hold personal data or secrets: the audit log says that they have changed, never what is in them."""

from typing import Any

from django.db.models import Model

_private: dict[str, frozenset[str]] = {}


def keep_private(model: type[Model], *columns: str) -> None:
    """Declare columns of a model that are private."""
    _private[model._meta.label_lower] = frozenset(columns)


def is_private(model: type[Model] | Model, column: str) -> bool:
    """Whether that column of the model is private."""
    return column in _private.get(model._meta.label_lower, ())


def names_private(lookup: str) -> bool:
    """Whether a look-up, such as `user__email__startswith`, asks for a column that is private somewhere."""
    private: set[Any] = set().union(*_private.values())
    return not private.isdisjoint(lookup.split("__"))
