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
