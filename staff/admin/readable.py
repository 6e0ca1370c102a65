"""Audit entries in the reader's language and the house's time zone."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext

from staff.models import AuditEntry

NOTHING = "–"


class Line(NamedTuple):
    """One column that a write has changed."""

    column: str
    before: str
    after: str


class Told(NamedTuple):
    """An entry as a page shows it."""

    entry: AuditEntry
    action: str
    lines: list[Line]


def told(entry: AuditEntry) -> Told:
    return Told(entry, action_name(entry.kind, entry.action), list(lines(entry)))


def kind_name(kind: str) -> str:
    """The name of a model such as `matches.match`, for people."""
    model = _model(kind)
    return capfirst(str(model._meta.verbose_name)) if model else kind


def action_name(kind: str, action: str) -> str:
    """The label of an action, as the admin page shows it. Forms have the actions `add` and `change`.

    Args:
        kind: the model of the object. The action may belong to another model's page, as "take out of the queue" does.
        action: its name.
    """
    if action in ("add", "change"):
        return gettext("Added") if action == "add" else gettext("Changed")
    pages = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label_lower != kind)
    for _, page in pages:
        for each in page.actions or ():
            function = each if callable(each) else getattr(page, each, None)
            if getattr(function, "__name__", None) == action:
                return str(getattr(function, "short_description", action))
    return action


def lines(entry: AuditEntry) -> Iterator[Line]:
    """The changed columns of an entry. Malformed stored values are tolerated."""
    model = _model(entry.kind)
    changes = entry.changes if isinstance(entry.changes, dict) else {}
    for name, values in changes.items():
        field = _field(model, name)
        before, after = values if isinstance(values, list) and len(values) == 2 else (None, values)
        column = capfirst(str(field.verbose_name)) if field is not None else name
        yield Line(column, _written(field, before), _written(field, after))


def _written(field: Any, value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_written(field, item) for item in value) or NOTHING
    if isinstance(value, str):
        moment = _moment(value)
        if moment is not None:
            return str(localize(timezone.localtime(moment)))
        return str(dict(getattr(field, "flatchoices", ())).get(value, value))
    return str(value)


def _moment(text: str) -> Any:
    try:
        moment = parse_datetime(text) if "T" in text else None
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _model(kind: str) -> type[Model] | None:
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def _field(model: type[Model] | None, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
