from django.apps import AppConfig


class MatchesConfig(AppConfig):
    name = "matches"

    def ready(self) -> None:
        from matches import streams  # noqa: F401  (declares the match stream to realtime)
