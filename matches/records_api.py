"""Finished matches over REST."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from matches import selectors
from matches.models import Seat
from matches.serializers import Record
from users.selectors import user_get


class OwnRecordsView(ListAPIView):
    """The caller's finished matches, the latest first."""

    permission_classes = (IsAuthenticated,)
    serializer_class = Record
    queryset = Seat.objects.none()  # tells the schema what is listed

    def get_queryset(self) -> QuerySet[Seat]:
        """The caller's."""
        return selectors.records(str(self.request.user.pk))

    @extend_schema(operation_id="users_me_records")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Ratings are those before the match and after its closing; `rate_delta` is what it moved."""
        return super().get(request, *args, **kwargs)


class RecordsView(ListAPIView):
    """A player's finished matches, the latest first."""

    permission_classes = (AllowAny,)
    serializer_class = Record
    queryset = Seat.objects.none()

    def get_queryset(self) -> QuerySet[Seat]:
        """Those of the player in the path."""
        return selectors.records(user_get(self.kwargs["user_id"]).user_id)

    @extend_schema(operation_id="users_records")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """As the caller's own; 404 for no player."""
        return super().get(request, *args, **kwargs)
