from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "queue_app"

    def ready(self) -> None:
        from queue_app import streams  # noqa: F401  (declares the queue stream to realtime)
