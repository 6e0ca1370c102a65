from django.apps import AppConfig


class UnitemateConfig(AppConfig):
    name = "unitemate"

    def ready(self) -> None:
        from unitemate import checks, logs, requests  # noqa: F401  (register the checks of a deployment and figures)
