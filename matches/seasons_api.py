"""Seasons and their final ranks over REST."""

from django.db.models import QuerySet
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from matches import selectors
from matches.models import Season, SeasonRank
from matches.schema import OrNull


class SeasonEntry(serializers.ModelSerializer):
    class Meta:
        model = Season
        fields = ("id", "name", "starts_at", "ends_at")


class FinalRank(serializers.ModelSerializer):
    """A player's final rank."""

    user_id = serializers.CharField()

    class Meta:
        model = SeasonRank
        fields = ("rank", "user_id", "trainer_name", "rate", "match_count", "win_count")


class SeasonsView(ListAPIView):
    """The seasons that have begun, the latest first."""

    permission_classes = (AllowAny,)
    serializer_class = SeasonEntry

    def get_queryset(self) -> QuerySet[Season]:
        return Season.objects.filter(starts_at__lte=timezone.now())

    @extend_schema(operation_id="seasons")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Past seasons and the running one. Planned seasons are not listed."""
        return super().get(request, *args, **kwargs)


class ActiveSeasonView(APIView):
    """The running season."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="seasons_active", responses=OrNull(SeasonEntry))
    def get(self, request: Request) -> JsonResponse | Response:
        """The season that runs now, or `null`."""
        season = selectors.season_running(timezone.now())
        return Response(SeasonEntry(season).data) if season else JsonResponse(None, safe=False)


class SeasonRanksView(ListAPIView):
    """The final ranks of a season, best first."""

    permission_classes = (AllowAny,)
    serializer_class = FinalRank
    queryset = SeasonRank.objects.none()  # tells the schema what is listed

    def get_queryset(self) -> QuerySet[SeasonRank]:
        return SeasonRank.objects.filter(season=get_object_or_404(Season, pk=self.kwargs["season_id"]))

    @extend_schema(operation_id="seasons_ranks")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """The final ranks. The list is empty until the season is closed; 404 for no season."""
        return super().get(request, *args, **kwargs)
