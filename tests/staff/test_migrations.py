"""What migrations make of an audit log in use."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from staff import append_only
from staff.models import AuditEntry
from tests.scenes import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(*targets: tuple[str, str | None]) -> None:
    MigrationExecutor(connection).migrate([*targets])


def test_what_players_said_about_themselves_goes_from_the_log_and_the_rest_stays():
    try:
        migrate(("staff", "0001_initial"))
        kept = {"made_at": NOW, "actor_id": "a", "actor_name": "A", "action": "change", "reason": "r", "object_id": "o"}
        changes = {"trainer_name": ["Ann", "Bob"], "bio": ["", "hello"], "banned_at": [None, "2026"]}
        AuditEntry.objects.create(**kept, kind="users.user", changes=changes)
        AuditEntry.objects.create(**kept, kind="matches.seasonrank", changes={"trainer_name": ["Ann", "Bob"]})
    finally:
        migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes("staff"))
        append_only.install()
    of_user, of_rank = AuditEntry.objects.order_by("pk")
    assert of_user.changes == {"trainer_name": ["…", "…"], "bio": ["…", "…"], "banned_at": [None, "2026"]}
    assert of_rank.changes == {"trainer_name": ["Ann", "Bob"]}
    assert {name: getattr(of_user, name) for name in kept} == kept
