from django.apps import AppConfig


class UnitemateConfig(AppConfig):
    name = "unitemate"

    def ready(self) -> None:
        from realtime.conf import version_with
        from unitemate.rest import configuration

        version_with(configuration.version)
