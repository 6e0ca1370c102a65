from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "queue_app"

    def ready(self) -> None:
        from queue_app import metrics, streams  # noqa: F401  (declare the queue's figures and its stream to realtime)
