from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class UnitemateConfig(AppConfig):
    name = "unitemate"

    def ready(self) -> None:
        from staff.words import translate

        # Checks of a deployment, figures, and the version of the configuration are registered.
        from unitemate import checks  # noqa: F401
        from unitemate.rest import configuration  # noqa: F401
        from unitemate.roles import ORGANISERS_MAY, install
        from unitemate.telemetry import (
            logs,  # noqa: F401
            requests,  # noqa: F401
        )

        for label in ORGANISERS_MAY:
            translate(apps.get_app_config(label))

        # That is the last with models of its own: by then all permissions are there.
        post_migrate.connect(install, sender=apps.get_app_config("matches"), dispatch_uid="unitemate.roles")
