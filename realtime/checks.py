"""What `manage.py check --deploy` and `migrate` say about the way to the database."""

from typing import Any

import psycopg
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from realtime.database import pooling


@register(Tags.security, deploy=True)
def pooler(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A session is one session. Whether the database can be reached is not asked here."""
    if connection.vendor != "postgresql":
        return []
    try:
        shared = pooling.is_shared()
    except psycopg.Error:
        return []
    return [Error(pooling.WORDS, hint=pooling.REMEDY, id="realtime.E001")] if shared else []


@register(Tags.database)
def pooler_before_migrations(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The same where checks may ask the database anyway, as `migrate` does."""
    return pooler(app_configs) if databases else []
