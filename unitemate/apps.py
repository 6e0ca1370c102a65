from django.apps import AppConfig


class UnitemateConfig(AppConfig):
    name = "unitemate"

    def ready(self) -> None:
        # Checks of a deployment, figures, and the version of the configuration are registered.
        from unitemate import checks  # noqa: F401
        from unitemate.rest import configuration  # noqa: F401
        from unitemate.telemetry import (
            logs,  # noqa: F401
            requests,  # noqa: F401
        )
