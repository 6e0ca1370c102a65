"""`GET /api/operations`: the `operations` stream for staff without a socket."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.database import clock
from realtime.operations.sampling import sample_if_due
from realtime.operations.stream import OPERATIONS
from realtime.rest import answer, serializer_of
from users.permissions import IsStaff


class OperationsView(APIView):
    """How the service is doing."""

    permission_classes = (IsStaff,)

    @extend_schema(operation_id="operations", responses=serializer_of(OPERATIONS), tags=["system"])
    def get(self, request: Request) -> Response:
        """Connections, queue, matches, publishing and failures of the last five minutes, for staff.

        Samples are taken while somebody looks, over the socket or here.
        """
        sample_if_due(clock.now())
        return Response(answer(OPERATIONS))
