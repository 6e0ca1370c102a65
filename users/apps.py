from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "users"
    organisers_may = {
        "user": ("view", "change"),
        "badge": ("view", "add", "change"),
        "ownedbadge": ("view",),
        "penalty": ("view", "change"),
    }

    def ready(self) -> None:
        # Imported for what they declare: the `user` stream, the socket's authenticator, checks, what is exported.
        from users import authentication, badges, checks, exported, streams  # noqa: F401

        post_migrate.connect(badges.install, sender=self, dispatch_uid="users.badges")
