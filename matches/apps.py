from django.apps import AppConfig


class MatchesConfig(AppConfig):
    name = "matches"
    organisers_may = {
        "match": ("view", "change"),
        "seat": ("view",),
        "report": ("view",),
        "season": ("view", "add", "change"),
        "seasonrank": ("view",),
        "ratingchange": ("view",),
    }

    def ready(self) -> None:
        from matches import (
            checks,  # noqa: F401  (of the settings)
            guards,  # noqa: F401  (tells the queue whom a match keeps out)
            metrics,  # noqa: F401  (declares its figures)
            personal,  # noqa: F401  (declares its personal data)
            streams,  # noqa: F401  (declares the match stream to realtime)
        )
