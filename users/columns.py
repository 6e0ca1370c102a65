"""Columns whose values are checked alike whoever writes them, and that can be read whatever is stored in them.

To the database, and so to migrations, they are Django's own columns.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from users.text import acceptable


class LinesField(forms.CharField):
    """A text with line breaks, which browsers send as two characters each."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 80})

    def to_python(self, value: Any) -> Any:
        """With line breaks as they are stored, so that a text that was not touched counts as unchanged."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class JSONInput(forms.JSONField):
    """A JSON value. JSON that Python cannot read, such as a number of thousands of digits, is invalid too."""

    def to_python(self, value: Any) -> Any:
        """The value.

        Raises:
            ValidationError: Python cannot read it.
        """
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the form shows again; see `Field.bound_data`."""
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)


class TextColumn(models.CharField):
    """A text that others see; `full_clean`, and so every form, cleans or refuses it as services do.

    Args:
        lines: whether it may have line breaks.
        **options: of `CharField`.
    """

    def __init__(self, *args: Any, lines: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines

    def clean(self, value: Any, model_instance: Any) -> Any:
        """The cleaned text (`users.text.acceptable`).

        Raises:
            ValidationError: the text is not acceptable.
        """
        if isinstance(value, str):
            try:
                longest = len(value) if self.max_length is None else self.max_length
                value = acceptable(value, longest=longest, blank=self.blank, lines=self.lines)
            except ValidationError as error:
                raise ValidationError(_(str(error.message)), code=error.code) from error
        return super().clean(value, model_instance)

    def formfield(self, **options: Any) -> Any:
        """A field with several lines where the text may have some."""
        if self.lines:
            options |= {"form_class": LinesField, "widget": LinesField.widget}
        return super().formfield(**options)

    def deconstruct(self) -> Any:
        """As a `CharField`."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class JSONColumn(models.JSONField):
    """A JSON value of one form; `full_clean` refuses any other. Of one that is stored all the same, what fits is read.

    Args:
        fitting: makes a value of that form of any JSON value; one that has the form stays as it is.
        **options: of `JSONField`.
    """

    empty_values: ClassVar[list[Any]] = []  # type: ignore[misc]  # none is passed over: an object is no empty list

    def __init__(self, *args: Any, fitting: Callable[[Any], Any] = lambda value: value, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fitting = fitting

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """What fits of the stored value; see `Field.from_db_value`."""
        found = super().from_db_value(value, expression, connection)
        return found if value is None or isinstance(expression, KeyTransform) else self.fitting(found)

    def validate(self, value: Any, model_instance: Any) -> None:
        """Check the form of a value.

        Raises:
            ValidationError: the value has another form.
        """
        super().validate(value, model_instance)
        if self.fitting(value) != value:
            raise ValidationError(_("This has not the form that is described."), code="invalid")

    def formfield(self, **options: Any) -> Any:
        """A field that refuses whatever cannot be read."""
        return super().formfield(**{"form_class": JSONInput, **options})

    def deconstruct(self) -> Any:
        """As a `JSONField`."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options


LARGEST_RATING = 1_000_000.0
"""What no rating comes near, above or below. NaN, which PostgreSQL takes for larger than all numbers, is beyond it."""


def finite(*names: str) -> models.Q:
    """The condition that columns hold ratings by which teams can be made: neither NaN nor infinite."""
    return models.Q(**{f"{name}__range": (-LARGEST_RATING, LARGEST_RATING) for name in names})
