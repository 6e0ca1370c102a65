from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class QueueConfig(AppConfig):
    name = "queue_app"
    verbose_name = "Queue"
    organisers_may = {"entry": ("view", "change")}

    def ready(self) -> None:
        autodiscover_modules("guards")  # what keeps a player out of the queue
