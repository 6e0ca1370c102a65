"""The caller's own account."""

from itertools import chain
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.publishing.publisher import snapshot
from users import selectors, services
from users.api.polled import PolledView
from users.authentication import SignedInRequest
from users.models import User
from users.notices import CAUSES, WHY, NoticeCode
from users.permissions import NotBanned
from users.roles import ROLES
from users.streams import USER
from users.strict import OneOf, StrictSerializer, TextField, validated

OWN = (IsAuthenticated, NotBanned)


class OwnBadges(serializers.Serializer):
    """Ids of the caller's badges."""

    owned = serializers.ListField(child=serializers.CharField(), help_text="In the order of earning.")
    equipped = serializers.ListField(child=serializers.CharField(), help_text="Those worn, at most two, in order.")


class PenaltyState(serializers.Serializer):
    """What the caller's penalties come to."""

    points = serializers.IntegerField()
    until = serializers.DateTimeField(allow_null=True, help_text="No queueing before this time.")


class NoticeState(serializers.Serializer):
    """The last thing that was done to the caller by others or by the clock. Which fields it has, `code` says."""

    code = serializers.ChoiceField([code.value for code in NoticeCode])
    at = serializers.DateTimeField(help_text="When.")
    why = serializers.ChoiceField(
        sorted(set(chain(*WHY.values()))), required=False, help_text="Of `match_void` and `queue_removed`."
    )
    match_id = serializers.CharField(required=False, help_text="Of `match_void` and `seat_replaced`.")
    requeued = serializers.BooleanField(
        required=False, help_text="Of `match_void`: whether the caller has got the place in the queue back."
    )
    at_fault = serializers.BooleanField(required=False, help_text="Of `match_void`: whether it was the caller's doing.")
    points = serializers.IntegerField(
        required=False, help_text="Of `penalty`, `penalty_lifted`, and `queue_removed` because of a penalty."
    )
    until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="The end of the penalty's time-out; null where it has none."
    )
    reason = serializers.CharField(
        required=False,
        help_text=f"Of the penalty: what staff wrote for the player; by rule one of {', '.join(CAUSES)}.",
    )
    season = serializers.CharField(required=False, help_text="Of `rating_reset`: the name of the season.")
    rate = serializers.IntegerField(required=False, help_text="Of `rating_reset`: what is shown since.")

    def to_representation(self, instance: Any) -> Any:
        """As it is stored, without members for what it does not have."""
        return instance


class QueueState(serializers.Serializer):
    """The caller's place in the queue."""

    selected_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="Best first.")
    queued_at = serializers.DateTimeField()


class Me(serializers.Serializer):
    """The `user` projection with its position in the stream."""

    user_id = serializers.CharField()
    trainer_name = serializers.CharField()
    bio = serializers.CharField()
    preferred_roles = serializers.ListField(child=serializers.ChoiceField(ROLES))
    twitter_id = serializers.CharField()
    discord_username = serializers.CharField()
    discord_avatar_url = serializers.CharField()
    badges = OwnBadges()
    rate = serializers.IntegerField()
    max_rate = serializers.IntegerField()
    last_rate_delta = serializers.IntegerField()
    match_count = serializers.IntegerField()
    win_count = serializers.IntegerField()
    win_rate = serializers.FloatField(help_text="0 to 1, to three places.")
    queue = QueueState(allow_null=True)
    match_id = serializers.CharField(allow_null=True, help_text="The open match.")
    penalty = PenaltyState(allow_null=True)
    notice = NoticeState(allow_null=True)
    is_staff = serializers.BooleanField(required=False, help_text="True for staff; absent for all others.")
    epoch = serializers.CharField()
    seq = serializers.IntegerField()


class Profile(serializers.ModelSerializer):
    """What a player can say about themselves."""

    preferred_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="Favourite first.")
    blocked_user_ids = serializers.ListField(
        child=serializers.CharField(), help_text="Players not to be matched with; only the caller sees them."
    )

    class Meta:
        model = User
        fields = ("trainer_name", "bio", "preferred_roles", "twitter_id", "blocked_user_ids")


class ProfileInput(StrictSerializer):
    """Any of the fields; what is left out stays."""

    trainer_name = TextField(max_length=50)
    bio = TextField(max_length=200, allow_blank=True, help_text="May have line breaks.")
    preferred_roles = serializers.ListField(
        child=OneOf(ROLES), max_length=len(ROLES), help_text="Different roles, favourite first."
    )
    twitter_id = TextField(max_length=16, allow_blank=True, help_text="With or without the @; empty removes it.")
    blocked_user_ids = serializers.ListField(child=TextField(max_length=16), max_length=services.MOST_BLOCKED)


class DiscordInput(StrictSerializer):
    """How the caller appears on Discord; empty texts remove it."""

    discord_username = TextField(max_length=32, allow_blank=True)
    discord_avatar_url = TextField(
        max_length=services.LONGEST_AVATAR_URL, allow_blank=True, help_text="An https address."
    )


class Discord(serializers.ModelSerializer):
    """How the caller appears on Discord. Nobody else sees it."""

    class Meta:
        model = User
        fields = ("discord_username", "discord_avatar_url")


class EquipInput(StrictSerializer):
    """What to wear."""

    badges = serializers.ListField(
        child=TextField(max_length=40),
        max_length=services.MOST_WORN,
        help_text="Different badges that the caller owns, in the order of wearing; none to wear none.",
    )


class MeView(PolledView):
    """The caller's own account, as the `user` stream has it."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me", responses=Me)
    def get(self, request: SignedInRequest) -> Response:
        """The `user` projection. That of a banned account has ended; what is shown here comes from the account."""
        state = snapshot(USER.stream(request.user.pk))
        document = state.document
        if document is None:
            document = selectors.accounts([request.user])[request.user.pk]
        return Response(Me({**document, "epoch": state.epoch, "seq": state.seq}).data)


class ProfileView(APIView):
    """What the caller says about themselves."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me_profile", responses=Profile)
    def get(self, request: SignedInRequest) -> Response:
        """The fields that can be changed here."""
        return Response(Profile(request.user).data)

    @extend_schema(operation_id="users_me_profile_update", request=ProfileInput, responses=Profile)
    def patch(self, request: SignedInRequest) -> Response:
        """Change some of them."""
        changes = validated(ProfileInput, request, partial=True)
        return Response(Profile(services.profile_update(user=request.user, **changes)).data)


class DiscordView(APIView):
    """How the caller appears on Discord."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me_discord_update", request=DiscordInput, responses=Discord)
    def put(self, request: SignedInRequest) -> Response:
        """Set it."""
        user = services.discord_update(user=request.user, **validated(DiscordInput, request))
        return Response(Discord(user).data)


class OwnBadgesView(APIView):
    """The caller's badges."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me_badges", responses=OwnBadges)
    def get(self, request: SignedInRequest) -> Response:
        """Owned and worn."""
        return Response(OwnBadges(_badges(request)).data)


class EquipView(APIView):
    """What the caller wears."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me_badges_equip", request=EquipInput, responses=OwnBadges)
    def put(self, request: SignedInRequest) -> Response:
        """Wear these badges and no others."""
        services.badges_equip(user=request.user, badge_ids=validated(EquipInput, request)["badges"])
        return Response(OwnBadges(_badges(request)).data)


def _badges(request: SignedInRequest) -> selectors.Badges:
    return selectors.badges_of([request.user.pk])[request.user.pk]
