"""What `manage.py check` says about signing in."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from users import tokens


@register(Tags.security)
def provider(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The identity provider's settings make sense."""
    if (settings.AUTH0_DOMAIN or settings.AUTH0_AUDIENCE) and tokens.provider_url() is None:
        return [
            Error(
                "AUTH0_DOMAIN and AUTH0_AUDIENCE do not name an identity provider.",
                hint="Set both; the domain is a host name, for example example.eu.auth0.com.",
                id="users.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def sign_in(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A deployment has a real identity provider, and it alone."""
    errors: list[CheckMessage] = []
    if settings.UNITEMATE_DEV_LOGIN:
        errors.append(
            Error(
                "The development login is on: everybody can sign in as anybody.",
                hint="Remove UNITEMATE_DEV_LOGIN.",
                id="users.E002",
            )
        )
    if not settings.AUTH0_DOMAIN:
        errors.append(
            Error(
                "No identity provider is set up: nobody can sign in.",
                hint="Set AUTH0_DOMAIN and AUTH0_AUDIENCE.",
                id="users.E003",
            )
        )
    return errors
