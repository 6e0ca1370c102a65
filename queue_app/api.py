"""The queue over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queue_app import services
from queue_app.models import Entry
from queue_app.streams import QUEUE, own
from realtime.publishing.publisher import snapshot
from users.api.polled import PolledView
from users.errors import ErrorAnswer, or_conflict
from users.permissions import NotBanned
from users.roles import ROLES
from users.strict import OneOf, StrictSerializer, validated


class RoleCounts(serializers.Serializer):
    """A number for each role."""

    TOP_LANE = serializers.IntegerField()
    MIDDLE = serializers.IntegerField()
    BOTTOM_LANE = serializers.IntegerField()
    SUPPORT = serializers.IntegerField()
    TANK = serializers.IntegerField()


class RoleWaits(serializers.Serializer):
    """Seconds for each role; null where nothing is known yet."""

    TOP_LANE = serializers.IntegerField(allow_null=True)
    MIDDLE = serializers.IntegerField(allow_null=True)
    BOTTOM_LANE = serializers.IntegerField(allow_null=True)
    SUPPORT = serializers.IntegerField(allow_null=True)
    TANK = serializers.IntegerField(allow_null=True)


class Announcement(serializers.Serializer):
    """What staff have to say to everybody: plain text, in one or both languages."""

    ja = serializers.CharField(allow_null=True, required=False)
    en = serializers.CharField(allow_null=True, required=False)
    until = serializers.CharField(
        allow_null=True, required=False, help_text="Not to be shown from then on (RFC 3339); null for no end."
    )


class QueueProjection(serializers.Serializer):
    """The `queue` stream: numbers and what staff announce; it names no player."""

    total_waiting = serializers.IntegerField()
    role_counts = RoleCounts(help_text="Entries that named the role.")
    needed_roles = serializers.ListField(
        child=serializers.ChoiceField(ROLES), help_text="Roles that the next match still lacks."
    )
    ongoing_matches = serializers.IntegerField()
    previous_matched_at = serializers.CharField(
        allow_null=True, help_text="When the latest matches were made (RFC 3339)."
    )
    previous_user_count = serializers.IntegerField(help_text="Players who were matched then.")
    estimated_wait = RoleWaits(help_text="Seconds that players of late waited for the role, in steps.")
    house_version = serializers.IntegerField(
        help_text="Rises when staff change rules, limits or hours: then ask `/api/system` again."
    )
    announcement = Announcement(allow_null=True)
    epoch = serializers.CharField()
    seq = serializers.IntegerField()


class OwnEntry(serializers.Serializer):
    """The caller's entry."""

    selected_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="Best first.")
    queued_at = serializers.DateTimeField()


class QueuePlace(serializers.Serializer):
    """Whether the caller waits."""

    in_queue = serializers.BooleanField()
    entry = OwnEntry(allow_null=True)


class JoinInput(StrictSerializer):
    """Which roles the caller would play."""

    selected_roles = serializers.ListField(
        child=OneOf(ROLES),
        min_length=services.FEWEST_ROLES,
        max_length=len(ROLES),
        help_text="Different roles, best first.",
    )


def _state(entry: Entry | None) -> dict[str, Any]:
    """A `QueuePlace`; the entry is written as it is in the player's own stream."""
    return {"in_queue": entry is not None, "entry": None if entry is None else own(entry)}


class QueueView(APIView):
    """The queue, in numbers."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="queue", responses=QueueProjection)
    def get(self, request: Request) -> Response:
        """How many wait, for which roles, and how long it takes."""
        state = snapshot(QUEUE.stream())
        fields = {**(state.document or {}), "epoch": state.epoch, "seq": state.seq}
        return Response(QueueProjection(fields).data)


class QueueMeView(PolledView):
    """The caller's own place in the queue."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="queue_me", responses=QueuePlace)
    def get(self, request: Request) -> Response:
        """Whether the caller waits, since when and for which roles."""
        return Response(_state(Entry.objects.filter(user_id=str(request.user.pk)).first()))


class JoinView(APIView):
    """Joining the queue."""

    permission_classes = (IsAuthenticated, NotBanned)

    @extend_schema(
        operation_id="queue_join",
        request=JoinInput,
        responses={
            201: OpenApiResponse(QueuePlace, "The caller waits from now on."),
            200: OpenApiResponse(QueuePlace, "The caller waited already; the roles are those given now."),
            409: ErrorAnswer,
        },
    )
    def post(self, request: Request) -> Response:
        """Join, or change the roles without losing one's place.

        Refused with 403 `banned`, `penalty`, `no_season` or `closed_hours`, where known with `until` when that
        ends; with 409 `in_match` until the present match is reported; and with 429 `too_soon` where the
        roles have been changed less than ten seconds ago.
        """
        body = validated(JoinInput, request)
        entry, created = services.entry_create(user_id=str(request.user.pk), **body)
        return Response(_state(entry), status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


class LeaveView(APIView):
    """Leaving the queue."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="queue_leave", request=None, responses=or_conflict(QueuePlace))
    def post(self, request: Request) -> Response:
        """Leave; also answered with 200 when the caller did not wait. 409 `in_match` once matched."""
        services.entry_delete(user_id=str(request.user.pk))
        return Response(_state(None))
