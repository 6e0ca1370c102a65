from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules


class RealtimeConfig(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from realtime import triggers
        from realtime.operations import own_views, stream

        own_views.show()
        stream.watch_samples()
        autodiscover_modules("checks", "metrics", "streams")  # where applications declare theirs
        pre_migrate.connect(triggers.drop_before_migrating, dispatch_uid="realtime.triggers.drop_before_migrating")
        post_migrate.connect(triggers.install, dispatch_uid="realtime.triggers")
