"""`GET /api/operations`: the `operations` stream for staff without a socket."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.database import clock
from realtime.operations.sampling import sample_if_due
from realtime.operations.stream import OPERATIONS
from realtime.operations.views import VIEWS, View
from realtime.publishing.publisher import snapshot
from users.permissions import IsStaff


def _field(view: View) -> serializers.Field:
    if view.by is None:
        return serializers.FloatField(allow_null=True, help_text=view.help)
    help = f"{view.help} By {view.by}."
    return serializers.DictField(child=serializers.FloatField(), allow_null=True, help_text=help)


def _points() -> type[serializers.Serializer]:
    """The form of a point, which has what the applications have declared to be shown."""
    words = {"__doc__": "One sample; null is not known. Counters and histograms are of the machine that took it."}
    return type(
        "OperationsPoint", (serializers.Serializer,), words | {each.name: _field(each) for each in VIEWS.values()}
    )


class Operations(serializers.Serializer):
    """The `operations` stream with its position: how the service has been doing."""

    interval = serializers.IntegerField(help_text="Seconds from one sample to the next.")
    kept = serializers.IntegerField(help_text="Samples that are kept.")
    points = serializers.DictField(
        child=_points()(), help_text="The samples, by the Unix time of each; the highest is the newest."
    )
    epoch = serializers.CharField()
    seq = serializers.IntegerField()


class OperationsView(APIView):
    """How the service is doing."""

    permission_classes = (IsStaff,)

    @extend_schema(operation_id="operations", responses=Operations, tags=["system"])
    def get(self, request: Request) -> Response:
        """Connections, queue, matches, publishing and failures of the last five minutes, for staff.

        Samples are taken while somebody looks, over the socket or here.
        """
        sample_if_due(clock.now())
        state = snapshot(OPERATIONS.stream())
        fields = {**(state.document or {}), "epoch": state.epoch, "seq": state.seq}
        return Response(Operations(fields).data)
