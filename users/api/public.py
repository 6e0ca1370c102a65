"""What everybody may see: players, the leaderboard, the catalogue of badges."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.rest import serializer
from users import selectors
from users.documents import Me
from users.models import Badge


class PublicProfile(serializer(Me, public_only=True)):  # type: ignore[misc]  # a class that mypy cannot know
    """What everybody may see of a player."""

    badges = serializers.ListField(
        child=serializers.CharField(), source="badges.equipped", help_text="Ids of those worn, in order."
    )


class Ranked(serializers.Serializer):
    """A place on the leaderboard."""

    rank = serializers.IntegerField(help_text="Players with the same rate share a rank.")
    user_id = serializers.CharField()
    trainer_name = serializers.CharField()
    tag = serializers.CharField(
        allow_null=True,
        help_text="The beginning of the user id, where another on the page has a name that looks alike.",
    )
    badges = serializers.ListField(
        child=serializers.CharField(), source="badges.equipped", help_text="Ids of those worn, in order."
    )
    rate = serializers.IntegerField()
    max_rate = serializers.IntegerField()
    match_count = serializers.IntegerField()
    win_count = serializers.IntegerField()
    win_rate = serializers.FloatField(help_text="0 to 1, to three places.")


class Ranking(serializers.Serializer):
    """A page of the leaderboard, and the caller's own place wherever it is."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Ranked(many=True)
    me = Ranked(allow_null=True, help_text="Null without a token, and for players who are not ranked (yet).")


class BadgeEntry(serializers.ModelSerializer):
    """One badge of the catalogue."""

    id = serializers.CharField(source="badge_id")
    look = serializers.DictField(child=serializers.CharField(), help_text="`icon`, a name, and `colour`, #rrggbb.")

    class Meta:
        model = Badge
        fields = ("id", "name", "earned_by", "look")


class UserView(APIView):
    """A player, as others see them."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="users_profile", responses=PublicProfile)
    def get(self, request: Request, user_id: str) -> Response:
        """The public profile."""
        return Response(PublicProfile(selectors.public_profiles([selectors.user_get(user_id)])[0]).data)


class RankingView(GenericAPIView):
    """The leaderboard."""

    permission_classes = (AllowAny,)
    queryset = selectors.ranked()

    @extend_schema(
        operation_id="users_ranking",
        parameters=[
            OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
            OpenApiParameter("page_size", int, description="At most 100."),
            OpenApiParameter("page", int, description="From 1. Repeats and skips while ratings change; follow `next`."),
        ],
        responses=Ranking,
    )
    def get(self, request: Request) -> Response:
        """Everybody who has played, best first. Who keeps their rating is neither repeated nor skipped by `next`."""
        users = self.paginate_queryset(self.get_queryset()) or []
        response = self.get_paginated_response(Ranked(selectors.with_ranks(users), many=True).data)
        own = selectors.with_ranks(selectors.ranked().filter(pk=request.user.pk))
        response.data["me"] = Ranked(own[0]).data if own else None
        return response


class BadgesView(ListAPIView):
    """The catalogue of badges."""

    permission_classes = (AllowAny,)
    queryset = Badge.objects.all()
    serializer_class = BadgeEntry

    @extend_schema(operation_id="badges")
    def get(self, request: Request) -> Response:
        """All badges that there are."""
        return super().get(request)
