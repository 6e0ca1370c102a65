"""The caller's own account."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime import rest
from users import selectors, services
from users.api.polled import PolledView
from users.authentication import SignedInRequest
from users.documents import OwnBadges
from users.models import User
from users.permissions import NotBanned
from users.roles import ROLES
from users.streams import USER
from users.strict import OneOf, StrictSerializer, TextField, validated

OWN = (IsAuthenticated, NotBanned)
Badges = rest.serializer(OwnBadges)


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

    @extend_schema(operation_id="users_me", responses=rest.serializer_of(USER))
    def get(self, request: SignedInRequest) -> Response:
        """The `user` projection. That of a banned account has ended; what is shown here comes from the account."""
        user = request.user
        return Response(rest.answer(USER, user.pk, ended=lambda: selectors.accounts([user])[user.pk]))


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
        user = services.discord_update(user=request.user, **validated(DiscordInput, request))
        return Response(Discord(user).data)


class OwnBadgesView(APIView):
    """The caller's badges."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me_badges", responses=Badges)
    def get(self, request: SignedInRequest) -> Response:
        """Owned and worn."""
        return Response(_badges(request)._asdict())


class EquipView(APIView):
    """What the caller wears."""

    permission_classes = OWN

    @extend_schema(operation_id="users_me_badges_equip", request=EquipInput, responses=Badges)
    def put(self, request: SignedInRequest) -> Response:
        """Wear these badges and no others."""
        services.badges_equip(user=request.user, badge_ids=validated(EquipInput, request)["badges"])
        return Response(_badges(request)._asdict())


def _badges(request: SignedInRequest) -> selectors.Badges:
    return selectors.badges_of([request.user.pk])[request.user.pk]
