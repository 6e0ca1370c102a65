from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class UsersConfig(AppConfig):
    name = "users"
    organisers_may = {
        "user": ("view", "change"),
        "badge": ("view", "add", "change"),
        "ownedbadge": ("view",),
        "penalty": ("view", "change"),
    }

    def ready(self) -> None:
        from realtime.identity import authenticate_with
        from users import badges
        from users.authentication import socket_identities

        authenticate_with(socket_identities)
        autodiscover_modules("exported", "personal")  # what applications know of a player
        post_migrate.connect(badges.install, sender=self, dispatch_uid="users.badges")
