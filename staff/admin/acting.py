"""Service actions of the admin: one call of a service for each chosen row, with a reason and an audit entry.

    class EntryAdmin(AuditedAdmin):
        actions = ("remove",)

        @service_action("Remove from the queue", permissions=("operate",))
        def remove(self, entry, **fields):
            entry_delete(user_id=entry.user_id)

Choosing such an action opens a page with its form, which has at least the reason.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

from staff.auditing import audited, stored
from staff.models import LONGEST_REASON

MOST_AT_ONCE = 200
"""The most rows for one action."""


class ReasonField(forms.CharField):
    """The reason of an action."""

    def __init__(self) -> None:
        super().__init__(
            max_length=LONGEST_REASON,
            label=_("Reason"),
            help_text=_("Why; for the audit log. Name players by their public ids: the log outlives accounts."),
            widget=forms.TextInput(attrs={"size": 80}),
        )


class ActionForm(forms.Form):
    """The form of an action.

    Args:
        rows: the chosen rows.
    """

    audit_reason = ReasonField()

    def __init__(self, *args: Any, rows: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.order_fields([name for name in self.fields if name != "audit_reason"])


class Single(ActionForm):
    """The form of an action on one row."""

    def clean(self) -> dict[str, Any]:
        """Check that one row is chosen.

        Raises:
            ValidationError: there are several.
        """
        if len(self.rows) != 1:
            raise ValidationError(_("Choose one."), code="single")
        return super().clean() or {}


def service_action(
    description: Any, *, permissions: Sequence[str] = ("operate",), form: type[ActionForm] = ActionForm
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: an admin action from `method(self, row, *, reason, **fields)`, which calls a service for one row.

    If the method returns a response for some row, the first one is sent. Otherwise the page is shown again.

    Args:
        description: the label that staff read, translatable.
        permissions: as for `admin.action`; `operate` is the permission to change the model's rows.
        form: the form for `fields`.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        name = method.__name__

        @admin.action(description=description, permissions=permissions)
        def action(self: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponseBase | None:
            rows = list(queryset[: MOST_AT_ONCE + 1])
            if len(rows) > MOST_AT_ONCE:
                self.message_user(request, gettext("Choose at most %d.") % MOST_AT_ONCE, messages.WARNING)
                return None
            filled = form(request.POST if "apply" in request.POST else None, rows=rows)
            if filled.is_bound and filled.is_valid():
                reason = filled.cleaned_data.pop("audit_reason")
                answers = [self.act(request, row, name, method, reason, filled.cleaned_data) for row in rows]
                return next(filter(None, answers), None) or _back(self, request, rows)
            context = {
                **self.admin_site.each_context(request),
                "title": description,
                "opts": self.model._meta,
                "rows": rows,
                "form": filled,
                "action": name,
                "checkbox": helpers.ACTION_CHECKBOX_NAME,
                "from_row": "from_row" in request.POST,
            }
            return TemplateResponse(request, "staff/act.html", context)

        action.__name__ = name
        action.__doc__ = method.__doc__
        return action

    return decorate


class Acting:
    """What an admin class needs for service actions."""

    def audit_subject(self, row: Any) -> Model:
        """The object of an action on this row in the audit log: the row itself, unless a class overrides this."""
        return row

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        """Whether this member of staff, who has the permission for the action, may act on this row."""
        return True

    def has_operate_permission(self: Any, request: HttpRequest) -> bool:
        """Acting needs the permission to change such rows, even where the form is read-only."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def act(
        self: Any,
        request: HttpRequest,
        row: Any,
        name: str,
        method: Callable[..., Any],
        reason: str,
        fields: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Act on one row, with an audit entry. A refusal is shown, and leaves no entry."""
        label = str(row)
        if not self.may_act(request, row) or _names(fields, request.user.pk):
            self._say(request, label, gettext("This is not yours to change."), messages.WARNING)
            return None
        subject = self.audit_subject(row)
        try:
            with audited(actor=request.user, action=name, row=subject, reason=reason, fields=fields):
                answer = method(self, row, reason=reason, **fields)
        except APIException as refusal:
            self._say(request, label, gettext(str(refusal.detail)), messages.WARNING)
        except ValidationError as refusal:
            self._say(request, label, " ".join(gettext(message) for message in refusal.messages), messages.WARNING)
        else:
            if answer is None:
                self._say(request, label, gettext("Done."), messages.SUCCESS)
            return answer
        return None

    def _say(self: Any, request: HttpRequest, label: str, what: str, level: int) -> None:
        self.message_user(request, f"{label}: {what}", level)


def _names(fields: dict[str, Any], user_id: Any) -> bool:
    """Whether a form field contains this account: staff may not act on themselves through a field either."""
    return any(user_id == (value.pk if isinstance(value, Model) else value) for value in fields.values())


def _back(page: Any, request: HttpRequest, rows: Sequence[Model]) -> HttpResponseRedirect:
    """Back to the page of the row, if the action was chosen there and the row still exists; else to the list."""
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    if "from_row" in request.POST and len(rows) == 1 and stored(rows[0]) is not None:
        return HttpResponseRedirect(reverse(f"{name}_change", args=[rows[0].pk]))
    return HttpResponseRedirect(reverse(f"{name}_changelist"))
