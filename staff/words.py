"""The words of the admin's pages, in the language of whoever reads them.

Models are described once, in English; what they and their columns are called is looked up in the
catalogue (`unitemate/locale`) when it is shown.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def translate(app: AppConfig) -> None:
    """Have the names, columns, helps and choices of an application's models looked up."""
    app.verbose_name = _looked_up(app.verbose_name)
    for model in app.get_models():
        meta = model._meta
        meta.verbose_name_plural = gettext_lazy(str(meta.verbose_name_plural))  # made of the other one otherwise
        meta.verbose_name = _looked_up(meta.verbose_name)
        for field in (*meta.concrete_fields, *meta.many_to_many):
            field.verbose_name, field.help_text = _looked_up(field.verbose_name), _looked_up(field.help_text)
            if field.choices:
                field.choices = translated(field.choices)


def translated(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The choices of a column or of a form, looked up."""
    return [(value, _looked_up(label)) for value, label in choices]


def _looked_up(text: Any) -> Any:
    """The text as it will be in the reader's language; one that is already looked up stays."""
    return gettext_lazy(text) if text and not isinstance(text, Promise) else text
