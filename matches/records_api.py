"""Finished matches and rating curves over REST."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matches import selectors
from matches.models import Seat
from matches.serializers import RatingCurve, Record
from users.selectors import user_get


class OwnRecordsView(ListAPIView):
    """The caller's finished matches, the latest first."""

    permission_classes = (IsAuthenticated,)
    serializer_class = Record
    queryset = Seat.objects.none()  # tells the schema what is listed

    def get_queryset(self) -> QuerySet[Seat]:
        return selectors.records(str(self.request.user.pk))

    @extend_schema(operation_id="users_me_records")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """The caller's finished matches. `rate_before` and `rate_after` are shown ratings, `rate_delta` the change.

        If staff correct a result, the ratings of this match and of later ones change.
        """
        return super().get(request, *args, **kwargs)


class RecordsView(ListAPIView):
    """A player's finished matches, the latest first."""

    permission_classes = (AllowAny,)
    serializer_class = Record
    queryset = Seat.objects.none()

    def get_queryset(self) -> QuerySet[Seat]:
        return selectors.records(user_get(self.kwargs["user_id"]).user_id)

    @extend_schema(operation_id="users_records")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """The player's finished matches, in the form of the caller's own; 404 for no player."""
        return super().get(request, *args, **kwargs)


class RatingCurveView(APIView):
    """A player's shown rating over time."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="users_rating_curve", responses=RatingCurve)
    def get(self, request: Request, user_id: str) -> Response:
        """The latest 100 points, the oldest first; 404 for no player.

        The curve begins where the journal of ratings does. Invalid matches are not in it.
        """
        return Response(RatingCurve(selectors.rating_curve(user_get(user_id))).data)
