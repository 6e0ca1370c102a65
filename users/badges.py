"""The badges that come with the service. Staff may reword and redraw them, and add others, in the admin."""

from typing import Any, NamedTuple

from django.db import connections

from users.models import Badge


class Entry(NamedTuple):
    """A badge of the catalogue. The icon is a name that clients draw; the colour is #rrggbb."""

    badge_id: str
    name: str
    earned_by: str
    icon: str
    colour: str


CATALOGUE = (
    Entry("first-match", "はじめの一歩", "はじめて試合を終える", "footprint", "#6b9e78"),
    Entry("first-win", "初勝利", "はじめて試合に勝つ", "sprout", "#4f9d4f"),
    Entry("ten-wins", "10勝", "通算10勝する", "flag", "#3d7ea6"),
    Entry("hundred-matches", "百戦錬磨", "通算100試合を終える", "mountain", "#7a5ea8"),
    Entry("rate-1600", "レート1600", "レート1600に届く", "peak", "#b8860b"),
    Entry("all-rounder", "オールラウンダー", "5つのロールすべてで試合を終える", "pentagon", "#c05a3a"),
    Entry("good-host", "名ホスト", "ホストとしてロビーを10回立てる", "lantern", "#c9922e"),
    Entry("fair-play", "フェアプレー", "通報されずに50試合を終える", "handshake", "#3a8f8f"),
)


def install(using: str = "default", **kwargs: Any) -> None:
    """Add the badges that are not there; a `post_migrate` receiver."""
    if Badge._meta.db_table not in connections[using].introspection.table_names():
        return
    badges = [
        Badge(
            badge_id=entry.badge_id,
            name=entry.name,
            earned_by=entry.earned_by,
            look={"icon": entry.icon, "colour": entry.colour},
            position=position,
        )
        for position, entry in enumerate(CATALOGUE, start=1)
    ]
    Badge.objects.using(using).bulk_create(badges, ignore_conflicts=True)
