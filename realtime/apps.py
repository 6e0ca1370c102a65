from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from realtime import triggers

        post_migrate.connect(triggers.install, dispatch_uid="realtime.triggers")
