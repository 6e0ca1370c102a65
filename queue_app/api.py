"""The queue over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queue_app import services
from queue_app.documents import QueueState
from queue_app.models import Entry
from queue_app.streams import QUEUE, own
from realtime import rest
from users.api.polled import PolledView
from users.errors import ErrorAnswer, or_conflict
from users.permissions import NotBanned
from users.roles import ROLES
from users.strict import OneOf, StrictSerializer, validated

OwnEntry = rest.serializer(QueueState, "OwnEntry")


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

    @extend_schema(operation_id="queue", responses=rest.serializer_of(QUEUE))
    def get(self, request: Request) -> Response:
        """How many wait, for which roles, and how long it takes."""
        return Response(rest.answer(QUEUE))


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
