from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "queue_app"
    verbose_name = "Queue"
    organisers_may = {"entry": ("view", "change")}

    def ready(self) -> None:
        # Imported for what they declare: figures, personal data, the `queue` stream.
        from queue_app import metrics, personal, streams  # noqa: F401
