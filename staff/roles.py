"""The two roles of staff. Organisers run an evening; administrators also see personal data and give roles.

The `AppConfig` of an application lists what organisers may do with its models::

    organisers_may = {"entry": ("view", "change")}

Administrators have all permissions on all models of such an application.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.db.models import Q

ORGANISER, ADMINISTRATOR = "organiser", "administrator"


def applications() -> dict[AppConfig, Mapping[str, tuple[str, ...]]]:
    """The applications with permissions for staff, each with the organisers' verbs by model."""
    return {app: app.organisers_may for app in apps.get_app_configs() if hasattr(app, "organisers_may")}


def install(app_config: AppConfig | None = None, using: str = "default", **kwargs: Any) -> None:
    """Create the two groups and set their permissions; a `post_migrate` receiver.

    Django creates permissions application by application, so this runs after each of them.
    """
    ours = applications()
    if app_config is not None and app_config not in ours:
        return
    if Group._meta.db_table not in connections[using].introspection.table_names():
        return
    permissions = Permission.objects.using(using).filter(content_type__app_label__in=[app.label for app in ours])
    wanted = Q(pk__in=[])
    for app, models in ours.items():
        for model, verbs in models.items():
            names = [f"{verb}_{model}" for verb in verbs]
            wanted |= Q(content_type__app_label=app.label, content_type__model=model, codename__in=names)
    for name, given in ((ORGANISER, permissions.filter(wanted)), (ADMINISTRATOR, permissions)):
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set(given)
