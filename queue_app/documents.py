"""The fields of the `queue` stream, which everybody has, and of a player's place in the queue."""

from typing import Annotated

from msgspec import Meta, Struct

from realtime.schemas import DateTime, Private
from users.documents import Role


class RoleCounts(Struct):
    """A number for each role."""

    TOP_LANE: int
    MIDDLE: int
    BOTTOM_LANE: int
    SUPPORT: int
    TANK: int


class QueueProjection(Struct):
    """The `queue` stream: numbers and what staff announce; it names no player."""

    total_waiting: int
    role_counts: Annotated[RoleCounts, Meta(description="Entries that named the role.")]
    needed_roles: Annotated[list[Role], Meta(description="Roles that the next match still lacks.")]


class Announcement(Struct):
    """What staff have to say to everybody: plain text, in one or both languages."""

    ja: str | None = None
    en: str | None = None
    until: Annotated[str | None, Meta(description="Not to be shown from then on (RFC 3339); null for no end.")] = None


class House(Struct):
    """What staff have to say."""

    house_version: Annotated[
        int, Meta(description="Rises when staff change rules, limits or hours: then ask `/api/system` again.")
    ]
    announcement: Announcement | None


class QueueState(Struct):
    """The caller's place in the queue."""

    selected_roles: Annotated[list[Role], Meta(description="Best first.")]
    queued_at: DateTime


class InQueue(Struct):
    """What the queue adds to a player's own stream."""

    queue: Private[QueueState | None]
