"""The fields of a match and of what matches add to the streams below, and which of them everybody may see.

Private fields may be null: over REST they are null to callers who may not see them.
"""

from typing import Annotated

from msgspec import Meta, Struct

from matches.models import Phase, Status, Team
from matches.result import Result
from realtime.schemas import Private, Public, one_of
from users.documents import Role


class VoiceChannels(Struct):
    """The number of each team's voice channel."""

    A: int
    B: int


class MatchPlayer(Struct):
    """A player of a match: as they are now while it is open, and as they were at its end once it is done."""

    team: Public[Annotated[str, one_of(Team.choices)]]
    role: Public[Role]
    trainer_name: Public[str]
    tag: Annotated[
        Public[str | None],
        Meta(description="The beginning of the user id, if another player of the match has a name that looks alike."),
    ]
    rate: Annotated[Public[int], Meta(description="The rating shown at the time of matching.")]
    badges: Annotated[Public[list[str]], Meta(description="Ids of the badges worn, in order.")]
    online: Private[bool | None]
    reported: Private[bool | None]
    missing: Annotated[
        Private[int | None],
        Meta(description="How many players have marked this one as missing; null for none."),
    ]


class MatchProjection(Struct):
    """The `match` stream. Over REST, fields that only its players and staff may see are null to others."""

    match_id: Public[str]
    status: Public[Annotated[str, one_of(Status.choices)]]
    phase: Public[Annotated[str, one_of(Phase.choices)]]
    matched_at: Annotated[Public[str], Meta(description="RFC 3339.")]
    deadline: Annotated[Private[str | None], Meta(description="When the phase ends (RFC 3339).")]
    host_user_id: Private[str | None]
    lobby_id: Private[str | None]
    vc: Annotated[
        Private[VoiceChannels | None],
        Meta(description="Null once the match is done, or if no pair was free."),
    ]
    players: Annotated[Public[dict[str, MatchPlayer]], Meta(description="By user id.")]
    report_count: Private[int | None]
    result: Public[Annotated[str | None, one_of(Result.choices)]]
    rate_deltas: Annotated[
        Public[dict[str, int] | None], Meta(description="By user id, once the match is done; all 0 if it is invalid.")
    ]


class InMatch(Struct):
    """The field that matches add to a player's own stream."""

    match_id: Annotated[Private[str | None], Meta(description="The open match.")]


class RoleWaits(Struct):
    """Seconds for each role; null while too little is known."""

    TOP_LANE: int | None
    MIDDLE: int | None
    BOTTOM_LANE: int | None
    SUPPORT: int | None
    TANK: int | None


class Matchmaking(Struct):
    """The fields that matches add to the `queue` stream."""

    ongoing_matches: int
    previous_matched_at: Annotated[str | None, Meta(description="When the latest matches were made (RFC 3339).")]
    previous_user_count: Annotated[int, Meta(description="How many players were matched then.")]
    estimated_wait: Annotated[
        RoleWaits,
        Meta(description="Seconds that a player who joins now is likely to wait, by the role named first; rounded."),
    ]
