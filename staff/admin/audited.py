"""The base of every admin page."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext

from staff.admin.acting import Acting, ReasonField
from staff.admin.readable import Told, told
from staff.auditing import audited
from staff.private import names_private
from staff.selectors import audit_of
from staff.zone import IN_ZONE, NOT_BEFORE

SHOWN = 20
"""Audit entries that the page of a row shows."""


class ReasonedForm(forms.ModelForm):
    """A form with a field for the reason."""

    audit_reason = ReasonField()


class AuditedAdmin(Acting, admin.ModelAdmin):
    """An admin class whose forms and actions add an audit entry with each write. Only actions delete.

    Nobody can filter by columns with personal data.
    """

    form = ReasonedForm
    change_form_template = "staff/change_form.html"
    detail_template: str | None = None
    """A template that is drawn below the form of a row."""

    class Media:
        css: ClassVar = {"all": ("staff/admin.css",)}

    # --- who may -------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No deletion by Django's own pages, which use no services and ask for no reason."""
        return False

    def get_actions(self, request: HttpRequest) -> dict:
        """The actions of the class, without Django's `delete_selected`."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse filters by private columns, since the result would reveal them."""
        return super().lookup_allowed(lookup, value, request) and not names_private(lookup)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list that an address asks for.

        Raises:
            IncorrectLookupParameters: a value is impossible, such as the year 99999. Django then shows the whole list.
        """
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        """Run an action, unless a chosen key is malformed; that counts as no row chosen."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError:
            self.message_user(request, gettext("Choose one."), messages.WARNING)
            return None
        return super().response_action(request, queryset, *args, **kwargs)

    # --- forms ---------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the reason as the last field, if the form can be sent."""
        fieldsets = [
            (title, {**options, "fields": [name for name in options["fields"] if name != "audit_reason"]})
            for title, options in super().get_fieldsets(request, obj)
        ]
        may = self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)
        return [*fieldsets, (gettext("Why"), {"fields": ["audit_reason"]})] if may else fieldsets

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Name the time zone at fields for times, and bound them."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(db_field, DateTimeField):
            field.help_text = format_lazy("{} {}", field.help_text, IN_ZONE)
            field.validators.append(NOT_BEFORE)
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Do nothing: Django calls `save_related` next, which writes the row together with its relations."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the row and its relations, with an audit entry. Django calls this once for each valid form."""
        row, reason = form.instance, form.cleaned_data["audit_reason"]
        action = "change" if change else "add"
        with audited(actor=request.user, action=action, row=self.audit_subject(row), reason=reason):
            self.store(request, row, form, change)
            super().save_related(request, form, formsets, change)

    def store(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write a row from its form. Of an existing row only the changed columns are written."""
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in columns] if change else None)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Do not use Django's own log: `save_related` has added an audit entry."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Do not use Django's own log either."""

    # --- pages ---------------------------------------------------------------------------------

    def detail(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The context of `detail_template`."""
        return {}

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the audit entries about this row."""
        obj = self.get_object(request, object_id)
        subject = self.model(pk=object_id) if obj is None else self.audit_subject(obj)
        query = urlencode({"kind__exact": subject._meta.label_lower, "object_id__exact": subject.pk})
        return HttpResponseRedirect(f"{reverse('admin:staff_auditentry_changelist')}?{query}")

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add the actions, the details and the audit entries to the page."""
        obj = kwargs.get("obj")
        if obj is not None:
            choices = self.get_action_choices(request, default_choices=[])
            context |= {
                "row_actions": choices if self.may_act(request, obj) else [],
                "detail_template": self.detail_template,
                "detail": self.detail(request, obj),
                "audit": self._audit(request, obj),
                "changelist": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _audit(self, request: HttpRequest, obj: Model) -> list[Told] | None:
        subject = self.audit_subject(obj)
        if not request.user.has_perm("staff.view_auditentry"):  # type: ignore[union-attr]
            return None
        return [told(entry) for entry in audit_of(subject)[:SHOWN]]
