"""The part of the configuration that clients need: release and switches, and nothing from the database."""

import hashlib
import json
import platform
from typing import Any

import django
from django.conf import settings

from realtime.streams import STREAM_TYPES
from unitemate import __version__


def configuration() -> dict[str, Any]:
    """The part of `/api/system` that stays the same until the process restarts."""
    has_provider = settings.AUTH0_DOMAIN and settings.AUTH0_AUDIENCE
    return {
        "streams": [name for name, stream_type in STREAM_TYPES.items() if stream_type.is_pushed],
        "poll_interval": settings.POLL_INTERVAL,
        "heartbeat": settings.REALTIME_HEARTBEAT,
        "time_scale": settings.UNITEMATE_TIME_SCALE,
        "dev_login": settings.UNITEMATE_DEV_LOGIN,
        "auth0": {
            "domain": settings.AUTH0_DOMAIN,
            "audience": settings.AUTH0_AUDIENCE,
            "client_id": settings.AUTH0_CLIENT_ID,
        }
        if has_provider
        else None,
        "versions": {
            "unitemate": __version__,
            "release": settings.RELEASE,
            "protocol": "1",
            "python": platform.python_version(),
            "django": django.get_version(),
        },
    }


def version() -> str:
    """A digest of the configuration, equal in all processes that are configured alike."""
    text = json.dumps(configuration(), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
