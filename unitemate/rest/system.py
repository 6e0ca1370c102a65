"""`GET /api/system`: what a client needs to start."""

from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matches import limits
from matches.hours import match_hours
from matches.models import Season
from matches.selectors import season_running
from staff.models import HouseRules
from staff.selectors import house_rules
from unitemate.rest import configuration


class LimitsSerializer(serializers.Serializer):
    """Time limits of a match, in seconds."""

    lobby = serializers.FloatField(help_text="For the host to name a lobby id.")
    handover = serializers.FloatField(help_text="For that at least, by a host to whom it was handed; once a player.")
    joining = serializers.FloatField(help_text="For the players to enter the lobby.")
    report_grace = serializers.FloatField(help_text="After the seventh report, for the others.")
    match = serializers.FloatField(help_text="After which a match is decided with the reports there are.")
    late_report = serializers.FloatField(help_text="After a match is done, to name misconduct in a late report.")


class RulesSerializer(serializers.Serializer):
    """Rules of the house, as staff have written them: plain text with line breaks; empty where there are none."""

    ja = serializers.CharField(allow_blank=True)
    en = serializers.CharField(allow_blank=True)


class SeasonState(serializers.Serializer):
    """Whether players may queue as to the seasons."""

    running = serializers.BooleanField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Of the running season; null for no end yet.")


class Auth0Serializer(serializers.Serializer):
    """The identity provider, where one is configured."""

    domain = serializers.CharField()
    audience = serializers.CharField()
    client_id = serializers.CharField()


class SystemSerializer(serializers.Serializer):
    """What a client needs to start."""

    socket_url = serializers.CharField()
    streams = serializers.ListField(child=serializers.CharField(), help_text="Kinds that are pushed; poll the others.")
    poll_interval = serializers.FloatField(help_text="Seconds between polls of a client without a socket.")
    heartbeat = serializers.FloatField(help_text="Seconds between heartbeats on the socket.")
    limits = LimitsSerializer()
    match_hours = serializers.CharField(
        allow_null=True, help_text="When players may queue, such as 14:00-02:00 in Japan's time; null for always."
    )
    season = SeasonState(allow_null=True, help_text="Null where there are no seasons, so that play is always on.")
    rules = RulesSerializer()
    house_version = serializers.IntegerField(help_text="As in the `queue` stream: another means to ask again.")
    time_scale = serializers.FloatField(help_text="1, except in a simulation.")
    dev_login = serializers.BooleanField()
    auth0 = Auth0Serializer(allow_null=True)
    system_version = serializers.CharField(
        help_text="As `welcome` names it: another means that the server has been set up anew, and to ask again."
    )
    address = serializers.CharField(help_text="The caller's own, as limits count it.")
    versions = serializers.DictField(child=serializers.CharField())


def _rules() -> HouseRules:
    """The rules of the house; those of an empty house while the database is away, so that clients can start.

    Their version is not the one that the `queue` stream tells afterwards, so clients ask again.
    """
    try:
        return house_rules()
    except DatabaseError:
        return HouseRules(version=-1)


def _season() -> dict[str, Any] | None:
    """A `SeasonState`; none while the database is away."""
    try:
        season = season_running(timezone.now())
        known = season is not None or Season.objects.exists()
    except DatabaseError:
        return None
    return {"running": season is not None, "ends_at": season and season.ends_at} if known else None


class SystemView(APIView):
    """What a client needs to start."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="system", responses=SystemSerializer, tags=["system"], auth=[])
    def get(self, request: Request) -> Response:
        scheme = "wss" if request.is_secure() else "ws"
        rules = _rules()
        hours = match_hours(rules.match_hours)
        return Response(
            SystemSerializer(
                {
                    "socket_url": f"{scheme}://{request.get_host()}/ws/",
                    "limits": limits.all_seconds(rules),
                    "match_hours": hours and hours.written,
                    "season": _season(),
                    "rules": {"ja": rules.rules_ja, "en": rules.rules_en},
                    "house_version": rules.version,
                    "system_version": configuration.version(),
                    "address": request.META.get("REMOTE_ADDR") or "",
                    **configuration.configuration(),
                }
            ).data
        )
