"""Matches over REST."""

from typing import Any

from django.http import JsonResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matches import selectors, services
from matches.schema import OrNull
from matches.serializers import HostInput, LobbyInput, MatchProjection, MissingInput, OwnStatements, ReportInput
from matches.streams import MATCH
from realtime.rest import answer
from users.api.polled import PolledView
from users.errors import NotFound, or_conflict
from users.models import User
from users.permissions import NotBanned
from users.strict import validated


def match_fields(match_id: str, *, private: bool = True) -> dict[str, Any]:
    """The projection of a match with its position, as REST answers it.

    Args:
        match_id: the match.
        private: whether to include the fields that only its players and staff may see.

    Raises:
        NotFound: there is no such match.
    """
    fields = answer(MATCH, match_id, public_only=not private) if selectors.match_exists(match_id) else None
    if fields is None:
        raise NotFound("There is no such match.")
    return fields


def _may_see_all(request: Request, match_id: str) -> bool:
    """Whether the caller is a player of the match or staff, and not banned."""
    user = request.user
    if not isinstance(user, User) or user.is_banned:
        return False
    return user.is_staff or selectors.has_seat(user.user_id, match_id)


class CurrentMatchView(PolledView):
    """The caller's open match."""

    permission_classes = (IsAuthenticated, NotBanned)

    @extend_schema(operation_id="matches_current", responses=OrNull(MatchProjection))
    def get(self, request: Request) -> JsonResponse | Response:
        """The caller's latest match while it is not done, or `null`.

        It is also `null` if the caller has reported and waits in the queue again.
        """
        match_id = selectors.open_match_ids([str(request.user.pk)]).get(str(request.user.pk))
        if match_id is None:
            return JsonResponse(None, safe=False)
        services.match_seen(match_id=match_id, user_id=str(request.user.pk))
        return Response(match_fields(match_id, private=_may_see_all(request, match_id)))


class MatchView(PolledView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="matches_get", responses=MatchProjection)
    def get(self, request: Request, match_id: str) -> Response:
        """The match. Fields that only its players and staff may see are null to others."""
        private = _may_see_all(request, match_id)
        if private:
            services.match_seen(match_id=match_id, user_id=str(request.user.pk))
        return Response(match_fields(match_id, private=private))


class LobbyView(APIView):
    """The lobby's number."""

    permission_classes = (IsAuthenticated, NotBanned)

    @extend_schema(operation_id="matches_set_lobby", request=LobbyInput, responses=or_conflict(MatchProjection))
    def put(self, request: Request, match_id: str) -> Response:
        """Set or correct the number of the lobby, as the host. 403 `not_host`; 409 `match_done`."""
        body = validated(LobbyInput, request)
        services.match_set_lobby(match_id=match_id, user_id=str(request.user.pk), **body)
        return Response(match_fields(match_id))


class HostView(APIView):
    """The match's host."""

    permission_classes = (IsAuthenticated, NotBanned)

    @extend_schema(operation_id="matches_hand_host", request=HostInput, responses=or_conflict(MatchProjection))
    def post(self, request: Request, match_id: str) -> Response:
        """Choose another player as the host, or take over from a host who is offline or late with the lobby.

        403 `not_player` or `not_host`; 409 `match_done`, or `cannot_host` if the new host is banned or has reported.
        """
        body = validated(HostInput, request)
        services.match_hand_host(match_id=match_id, user_id=str(request.user.pk), host_user_id=body["user_id"])
        return Response(match_fields(match_id))


class MissingView(APIView):
    """Who has not come to the lobby."""

    permission_classes = (IsAuthenticated, NotBanned)

    @extend_schema(operation_id="matches_mark_missing", request=MissingInput, responses=or_conflict(MatchProjection))
    def post(self, request: Request, match_id: str) -> Response:
        """Mark another player as missing from the lobby, in the phase `joining`. Marking again changes nothing.

        Once more than half of the other nine have marked a player, the match is void: it is done with the result
        `invalid`. Missing players get a penalty. The others get their places in the queue back, unless they have
        reported. Players whom nearly as many have marked count as missing too, and so do players who have neither
        opened the match nor been online since it was made.
        403 `not_player`; 409 `wrong_phase` or `match_done`.
        """
        body = validated(MissingInput, request)
        services.match_mark_missing(match_id=match_id, user_id=str(request.user.pk), missing_user_id=body["user_id"])
        return Response(match_fields(match_id))


class ReportView(APIView):
    """The caller's report of the match."""

    permission_classes = (IsAuthenticated, NotBanned)

    @extend_schema(operation_id="matches_own_report", responses=OwnStatements)
    def get(self, request: Request, match_id: str) -> Response:
        """The caller's own report and marks. Nobody else can read them. 403 `not_player`."""
        return Response(OwnStatements(selectors.own_statements(match_id, str(request.user.pk))).data)

    @extend_schema(operation_id="matches_report", request=ReportInput, responses=or_conflict(MatchProjection))
    def post(self, request: Request, match_id: str) -> Response:
        """Report the result. Reporting the same result again gives the same answer and changes nothing.

        For ten minutes after a match is done, players who have not reported may still report misconduct: a report
        with `violations` is accepted, and does not change the result.
        403 `not_player`; 409 `already_reported` with another result, `match_done`, or `wrong_phase` for a winner
        before there is a lobby.
        """
        body = validated(ReportInput, request)
        services.match_report(match_id=match_id, user_id=str(request.user.pk), **body)
        return Response(match_fields(match_id))
