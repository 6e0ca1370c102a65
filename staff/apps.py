from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self) -> None:
        from staff import append_only

        post_migrate.connect(append_only.install, sender=self, dispatch_uid="staff.append_only")
