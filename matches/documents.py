"""The fields of a match, which of them everybody may see, and what matches add to the streams below.

Private fields may be null, because they are to those who may not see them.
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
    """A player as the match shows them: as they are while it is open, as they were once it is done."""

    team: Public[Annotated[str, one_of(Team.choices)]]
    role: Public[Role]
    trainer_name: Public[str]
    tag: Annotated[
        Public[str | None],
        Meta(
            description="The beginning of the user id, where another player of the match has a name that looks alike."
        ),
    ]
    rate: Annotated[Public[int], Meta(description="At the time of matching.")]
    badges: Annotated[Public[list[str]], Meta(description="Ids of those worn, in order.")]
    online: Private[bool | None]
    reported: Private[bool | None]
    missing: Annotated[
        Private[int | None],
        Meta(description="How many say that the player has not come to the lobby; null for none."),
    ]


class MatchProjection(Struct):
    """The `match` stream. Over REST, what is for its players and staff is null to others."""

    match_id: Public[str]
    status: Public[Annotated[str, one_of(Status.choices)]]
    phase: Public[Annotated[str, one_of(Phase.choices)]]
    matched_at: Annotated[Public[str], Meta(description="RFC 3339.")]
    deadline: Annotated[Private[str | None], Meta(description="When the phase ends (RFC 3339).")]
    host_user_id: Private[str | None]
    lobby_id: Private[str | None]
    vc: Annotated[
        Private[VoiceChannels | None],
        Meta(description="Null once the match is done, or where no pair was free."),
    ]
    players: Annotated[Public[dict[str, MatchPlayer]], Meta(description="By user id.")]
    report_count: Private[int | None]
    result: Public[Annotated[str | None, one_of(Result.choices)]]
    rate_deltas: Annotated[
        Public[dict[str, int] | None], Meta(description="By user id, once done; all 0 where invalid.")
    ]


class InMatch(Struct):
    """What matches add to a player's own stream."""

    match_id: Annotated[Private[str | None], Meta(description="The open match.")]


class RoleWaits(Struct):
    """Seconds for each role; null where nothing is known yet."""

    TOP_LANE: int | None
    MIDDLE: int | None
    BOTTOM_LANE: int | None
    SUPPORT: int | None
    TANK: int | None


class Matchmaking(Struct):
    """What matches add to the `queue` stream."""

    ongoing_matches: int
    previous_matched_at: Annotated[str | None, Meta(description="When the latest matches were made (RFC 3339).")]
    previous_user_count: Annotated[int, Meta(description="Players who were matched then.")]
    estimated_wait: Annotated[
        RoleWaits, Meta(description="Seconds that players of late waited for the role, in steps.")
    ]
