"""The fields of a player's own account, and which of them everybody may see."""

from itertools import chain
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from realtime.schemas import DateTime, Private, Public, one_of
from users.notices import CAUSES, WHY, NoticeCode
from users.roles import ROLES

Role = Annotated[str, one_of(ROLES)]


class OwnBadges(Struct):
    """Ids of the caller's badges."""

    owned: Annotated[Private[list[str]], Meta(description="In the order of earning.")]
    equipped: Annotated[Public[list[str]], Meta(description="Those worn, at most two, in order.")]


class PenaltyState(Struct):
    """What the caller's penalties come to."""

    points: int
    until: Annotated[DateTime | None, Meta(description="No queueing before this time.")]


class NoticeState(Struct):
    """The last thing that was done to the caller by others or by the clock. Which fields it has, `code` says."""

    code: Annotated[str, one_of([code.value for code in NoticeCode])]
    at: Annotated[DateTime, Meta(description="When.")]
    why: Annotated[
        str | UnsetType,
        one_of(sorted(set(chain(*WHY.values())))),
        Meta(description="Of `match_void` and `queue_removed`."),
    ] = UNSET
    match_id: Annotated[str | UnsetType, Meta(description="Of `match_void` and `seat_replaced`.")] = UNSET
    requeued: Annotated[
        bool | UnsetType,
        Meta(description="Of `match_void`: whether the caller has got the place in the queue back."),
    ] = UNSET
    at_fault: Annotated[bool | UnsetType, Meta(description="Of `match_void`: whether it was the caller's doing.")] = (
        UNSET
    )
    points: Annotated[
        int | UnsetType,
        Meta(description="Of `penalty`, `penalty_lifted`, and `queue_removed` because of a penalty."),
    ] = UNSET
    until: Annotated[
        DateTime | UnsetType | None,
        Meta(description="The end of the penalty's time-out; null where it has none."),
    ] = UNSET
    reason: Annotated[
        str | UnsetType,
        Meta(
            description=f"Of the penalty: what staff wrote for the player; by rule one of {', '.join(CAUSES)}.",
        ),
    ] = UNSET
    season: Annotated[str | UnsetType, Meta(description="Of `rating_reset`: the name of the season.")] = UNSET
    rate: Annotated[int | UnsetType, Meta(description="Of `rating_reset`: what is shown since.")] = UNSET


class Me(Struct):
    """The `user` stream: the player's own account."""

    user_id: Public[str]
    trainer_name: Public[str]
    bio: Public[str]
    preferred_roles: Public[list[Role]]
    twitter_id: Public[str]
    discord_username: Private[str]
    discord_avatar_url: Private[str]
    badges: Public[OwnBadges]
    rate: Public[int]
    max_rate: Public[int]
    last_rate_delta: Private[int]
    match_count: Public[int]
    win_count: Public[int]
    win_rate: Annotated[Public[float], Meta(description="0 to 1, to three places.")]
    penalty: Private[PenaltyState | None]
    notice: Private[NoticeState | None]
    is_staff: Annotated[Private[bool | UnsetType], Meta(description="True for staff; absent for all others.")] = UNSET
