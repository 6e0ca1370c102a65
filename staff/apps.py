from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    name = "staff"
    organisers_may = {"houserules": ("view", "change"), "auditentry": ("view",)}

    def ready(self) -> None:
        from staff import append_only, roles
        from staff.words import translate

        for app in roles.applications():
            translate(app)
        post_migrate.connect(roles.install, dispatch_uid="staff.roles")
        post_migrate.connect(append_only.install, sender=self, dispatch_uid="staff.append_only")
