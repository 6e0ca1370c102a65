"""Choosing actions on admin pages, as a browser would."""

from django.test import Client
from django.urls import reverse


def page_of(model, name: str, *args) -> str:
    """The address of a model's page."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def act(staff: Client, action: str, *rows, reason: str = "as agreed", **fields):
    """Choose an action for these rows of one model and send its form."""
    answer = staff.post(
        page_of(type(rows[0]), "changelist"),
        {
            "action": action,
            "_selected_action": [row.pk for row in rows],
            "apply": "1",
            "audit_reason": reason,
            **fields,
        },
        follow=True,
    )
    assert answer.status_code == 200
    return answer


def form_of(staff: Client, page: str) -> dict:
    """What the form of a page would send, untouched, with a reason."""
    form = staff.get(page).context["adminform"].form
    data = {}
    for name in form.fields:
        bound = form[name]
        value = bound.value()
        widgets = getattr(bound.field.widget, "widgets", None)
        if widgets:
            parts = bound.field.widget.decompress(value)
            data |= {f"{name}_{index}": part for index, part in enumerate(parts) if part is not None}
        elif value is not None and value is not False:
            data[name] = value
    for formset in staff.get(page).context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {f"{management.prefix}-{name}": management[name].value() for name in management.fields}
    return {**data, "audit_reason": "as agreed"}
