from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from realtime import checks, metrics, triggers  # noqa: F401  (register checks and figures)
        from realtime.operations import own_views, stream  # noqa: F401  (declare what staff see of them)

        pre_migrate.connect(triggers.make_way, dispatch_uid="realtime.triggers.make_way")
        post_migrate.connect(triggers.install, dispatch_uid="realtime.triggers")
