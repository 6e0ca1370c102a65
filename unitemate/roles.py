"""What the two kinds of staff may do: organisers run an evening, administrators see personal data and give roles."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.db.models import Q

ORGANISER, ADMINISTRATOR = "organiser", "administrator"

ORGANISERS_MAY: dict[str, dict[str, tuple[str, ...]]] = {
    "queue_app": {"entry": ("view", "change")},
    "matches": {
        "match": ("view", "change"),
        "seat": ("view",),
        "report": ("view",),
        "season": ("view", "add", "change"),
        "seasonrank": ("view",),
        "ratingchange": ("view",),
    },
    "users": {
        "user": ("view", "change"),
        "badge": ("view", "add", "change"),
        "ownedbadge": ("view",),
        "penalty": ("view", "change"),
    },
    "staff": {"houserules": ("view", "change"), "auditentry": ("view",)},
}
"""By application and model. Administrators may do everything there."""


def install(using: str = "default", **kwargs: Any) -> None:
    """Make the two groups and give them just these permissions; a `post_migrate` receiver of the last application."""
    if Group._meta.db_table not in connections[using].introspection.table_names():
        return
    permissions = Permission.objects.using(using).filter(content_type__app_label__in=ORGANISERS_MAY)
    wanted = Q(pk__in=[])
    for app, models in ORGANISERS_MAY.items():
        for model, verbs in models.items():
            names = [f"{verb}_{model}" for verb in verbs]
            wanted |= Q(content_type__app_label=app, content_type__model=model, codename__in=names)
    for name, given in ((ORGANISER, permissions.filter(wanted)), (ADMINISTRATOR, permissions)):
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(given)
