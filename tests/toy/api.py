"""Tournaments over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime import rest
from tests.toy.streams import TOURNAMENT
from users.errors import NotFound


class TournamentView(APIView):
    """One tournament."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="tournament", responses=rest.serializer_of(TOURNAMENT), tags=["tournaments"])
    def get(self, request: Request, tournament_id: str) -> Response:
        """The tournament; to those who are not signed in its public part."""
        fields = rest.answer(TOURNAMENT, tournament_id, public_only=not request.user.is_authenticated)
        if fields is None:
            raise NotFound("There is no such tournament.")
        return Response(fields)
