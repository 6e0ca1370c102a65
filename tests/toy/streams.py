"""The `tournament` stream, to everybody who asks for it and, unasked, to the organiser."""

from collections.abc import Collection

from msgspec import Struct

from realtime import streams, triggers
from realtime.identity import Identity
from realtime.schemas import Private, Public
from realtime.streams import Document
from tests.toy.models import Tournament as Row
from users.streams import USER

TOURNAMENT = streams.declare(
    "tournament", key="tournament_id", audience=streams.Audience.ADMITTED, found="tournament_found"
)

triggers.watch(Row, "tournament_{tournament_id}", "user_{organiser_id}")


class Tournament(Struct):
    """How a tournament goes."""

    tournament_id: Public[str]
    title: Public[str]
    rounds: Public[int]
    password: Private[str | None]


class Organised(Struct):
    """What is added to a player's own stream."""

    tournament_id: Private[str | None]


@TOURNAMENT.contributes(Tournament)
def tournaments(keys: Collection[str]) -> dict[str, Document]:
    return {
        row.pk: {
            "tournament_id": row.pk,
            "title": row.title,
            "rounds": row.rounds,
            "password": row.password or None,
        }
        for row in Row.objects.filter(pk__in=keys)
    }


@TOURNAMENT.admits
def open_to(identity: Identity, keys: Collection[str]) -> Collection[str]:
    return keys


@USER.contributes(Organised)
def organised(user_ids: Collection[str]) -> dict[str, Document]:
    rows = Row.objects.filter(organiser__in=user_ids).order_by("pk")
    return {row.organiser_id: {"tournament_id": row.pk} for row in rows}


@USER.auto_subscribes
def own_tournament(document: Document) -> list[str]:
    return [TOURNAMENT.stream(document["tournament_id"])] if "tournament_id" in document else []
