"""The `match` stream, for its players and staff, and what matches add to the streams below."""

from collections.abc import Collection

from msgspec import Struct

from matches import projections, selectors
from matches.documents import InMatch, Matchmaking, MatchProjection
from matches.models import Match, MissingMark, Report, Seat, Status
from matches.result import Result
from queue_app.streams import QUEUE
from realtime import streams, triggers
from realtime.identity import Identity
from realtime.models import Presence
from realtime.streams import Document
from users.ids import is_public_id
from users.streams import USER

MATCH = streams.declare("match", key="match_id", found="match_found", audience=streams.Audience.ADMITTED)

triggers.watch(Match, "match_{match_id}", "queue")
triggers.watch(Seat, "match_{match_id}", "user_{user_id}", "queue")  # the wait to expect is taken from seats
triggers.watch(Report, "match_{match_id}")
triggers.watch(MissingMark, "match_{match_id}")
triggers.watch(Presence, "user_{owner}")

MATCH.contributes(MatchProjection)(projections.matches)


@MATCH.admits
def open_to(identity: Identity, match_ids: Collection[str]) -> Collection[str]:
    """A match is open to its ten players and to staff."""
    if identity.is_staff:
        return [match_id for match_id in match_ids if is_public_id(match_id)]
    return selectors.seated_in(identity.owner, match_ids)


@MATCH.may_stay
def may_go_on_seeing(identity: Identity, document: Document) -> bool:
    """A player whose seat has gone to a replacement no longer sees the match."""
    return identity.is_staff or identity.owner in document["players"]


class UpdateTypes(Struct):
    """The further field of an update of a match."""

    update_types: list[str]


@MATCH.update_extras(UpdateTypes)
def update_types(changes: Document, document: Document) -> UpdateTypes:
    """Name the kinds of change in an update."""
    players = [player for player in (changes.get("players") or {}).values() if player]
    happened = {
        "lobby_id_updated": "lobby_id" in changes,
        "host_changed": "host_user_id" in changes,
        "presence_changed": any("online" in player for player in players),
        "match_reported": "report_count" in changes,
    }
    types = [name for name, has_happened in happened.items() if has_happened]
    if "result" in changes and document.get("status") == Status.DONE:
        types.append("match_cancelled" if document.get("result") == Result.INVALID else "match_completed")
    return UpdateTypes(types)


@MATCH.also_affects
def players_of(match_ids: Collection[str]) -> list[str]:
    """A match that opens or is done changes which match its players are in."""
    return [USER.stream(user_id) for user_id in selectors.player_ids(match_ids)]


@USER.also_affects
def matches_showing(user_ids: Collection[str]) -> list[str]:
    """A player's name, badges and presence are shown in the player's open matches."""
    return [MATCH.stream(match_id) for match_id in selectors.match_ids_showing(user_ids)]


@USER.contributes(InMatch)
def open_match(user_ids: Collection[str]) -> dict[str, Document]:
    """The match that the player is in."""
    return {user_id: {"match_id": match_id} for user_id, match_id in selectors.open_match_ids(user_ids).items()}


@USER.auto_subscribes
def own_match(document: Document) -> list[str]:
    """A player with an open match is subscribed to its stream."""
    match_id = document.get("match_id")
    return [MATCH.stream(match_id)] if match_id else []


@QUEUE.contributes(Matchmaking)
def matchmaking(keys: Collection[str]) -> dict[str, Document]:
    """The numbers of matchmaking."""
    return dict.fromkeys(keys, projections.matchmaking_numbers())
