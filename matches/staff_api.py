"""What staff can do to a match over REST. The admin has more actions."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matches import selectors, services
from matches.api import match_fields
from matches.serializers import MatchProjection, VoidInput
from staff.auditing import audited
from users.errors import Forbidden, or_conflict
from users.permissions import HasStaffPermission, NotBanned
from users.strict import validated


class VoidView(APIView):
    """Voiding a match that cannot be played."""

    permission_classes = (IsAuthenticated, NotBanned, HasStaffPermission)
    staff_permission = "matches.change_match"

    @extend_schema(operation_id="matches_void", request=VoidInput, responses=or_conflict(MatchProjection))
    def post(self, request: Request, match_id: str) -> Response:
        """Close an open match as invalid. For staff who may change matches. The audit log keeps the reason.

        403 `permission_denied`, or `own_match` if the caller is or was a player of the match; 409 `match_done`, also
        for a match that is void already. A refused request is not in the audit log.
        """
        body = validated(VoidInput, request)
        reason = body.pop("reason")
        match = selectors.match_get(match_id)
        if selectors.has_taken_part(str(request.user.pk), match):
            raise Forbidden(
                "You are or were a player of this match. Another member of staff has to decide it.", "own_match"
            )
        with audited(actor=request.user, action="void", row=match, reason=reason, fields=body):
            services.match_void(match_id=match.match_id, **body)
        return Response(match_fields(match.match_id))
