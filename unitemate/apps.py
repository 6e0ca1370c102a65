from django.apps import AppConfig


class UnitemateConfig(AppConfig):
    name = "unitemate"

    def ready(self) -> None:
        from unitemate import checks  # noqa: F401  (registers the checks of a deployment)
