"""Translating the names of models and columns on admin pages.

Models are described once, in English. Their names are translated with the catalogue
(`unitemate/locale`) when a page is made.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def translate(app: AppConfig) -> None:
    """Make the names, help texts and choices of an application's models translatable."""
    app.verbose_name = _translatable(app.verbose_name)
    for model in app.get_models():
        meta = model._meta
        meta.verbose_name_plural = gettext_lazy(
            str(meta.verbose_name_plural)
        )  # else Django derives it from verbose_name
        meta.verbose_name = _translatable(meta.verbose_name)
        for field in (*meta.concrete_fields, *meta.many_to_many):
            field.verbose_name, field.help_text = _translatable(field.verbose_name), _translatable(field.help_text)
            if field.choices:
                field.choices = translated(field.choices)


def translated(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The choices of a column or a form, made translatable."""
    return [(value, _translatable(label)) for value, label in choices]


def _translatable(text: Any) -> Any:
    """The text, translated when it is shown. A text that is translatable already stays."""
    return gettext_lazy(text) if text and not isinstance(text, Promise) else text
