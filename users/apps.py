from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "users"

    def ready(self) -> None:
        from users import streams  # noqa: F401  (declares the user stream to realtime)
