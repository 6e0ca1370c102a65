"""What the load client does in the database itself: accounts before the run, and changes whose commit is timed."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unitemate.settings")
django.setup()

from django.db import connection  # noqa: E402

from staff.models import HouseRules  # noqa: E402
from staff.services import house_rules_save  # noqa: E402
from users.models import User  # noqa: E402
from users.tokens import DEV_PREFIX, issue_dev_token  # noqa: E402


def accounts(number: int) -> list[tuple[str, str]]:
    """Make so many accounts.

    Returns:
        The public id and a token of each.
    """
    names = [f"Load {index}" for index in range(number)]
    made = [User(subject=f"{DEV_PREFIX}{name}", trainer_name=name) for name in names]
    users = User.objects.bulk_create(made, batch_size=1000)
    return [(user.pk, issue_dev_token(name)[0]) for user, name in zip(users, names, strict=True)]


def announce(words: str) -> None:
    """Change what everybody sees above the queue, as staff do."""
    house_rules_save(rules=HouseRules(announcement_en=words))


def committed_at() -> float:
    """When the last `announce` was committed, by PostgreSQL itself (Unix seconds)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM staff_houserules")
        return float(cursor.fetchone()[0])
