"""The sections of this application in the export of a player's data."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from staff.models import AuditEntry
from staff.selectors import audit_of
from users.models import OwnedBadge, Penalty, User
from users.personal import exports
from users.roles import ROLES


class ExportedAccount(serializers.ModelSerializer):
    """The account, with what nobody else sees of it."""

    preferred_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="Favourite first.")
    blocked_user_ids = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = User
        fields = (
            *("user_id", "subject", "email", "discord_id", "discord_username", "discord_avatar_url"),
            *("trainer_name", "bio", "preferred_roles", "twitter_id", "blocked_user_ids"),
            *("rate", "max_rate", "last_rate_delta", "rating_mean", "rating_deviation", "match_count", "win_count"),
            *("is_staff", "banned_at", "ban_reason", "created_at", "last_login", "notice"),
        )


class ExportedBadge(serializers.ModelSerializer):
    """A badge that the player owns."""

    id = serializers.CharField(source="badge_id")

    class Meta:
        model = OwnedBadge
        fields = ("id", "earned_at", "place")


class ExportedPenalty(serializers.ModelSerializer):
    """A penalty, in force or over."""

    class Meta:
        model = Penalty
        fields = ("points", "worked_off", "worked_off_at", "reason", "source", "given_at", "until", "lifted_at")


class ExportedAct(serializers.ModelSerializer):
    """A staff action on the account, without the name of its author and without internal notes."""

    class Meta:
        model = AuditEntry
        fields = ("made_at", "action")


@exports("account", ExportedAccount)
def account(user: User) -> User:
    """The account itself."""
    return user


@exports("badges", ExportedBadge, many=True)
def badges(user: User) -> Iterable[OwnedBadge]:
    """Badges in the order of earning."""
    return OwnedBadge.objects.filter(user=user)


@exports("penalties", ExportedPenalty, many=True)
def penalties(user: User) -> Iterable[Penalty]:
    """Penalties, the latest first."""
    return Penalty.objects.filter(user=user)


@exports("done_by_staff", ExportedAct, many=True)
def done_by_staff(user: User) -> Iterable[Any]:
    """Staff actions, the latest first."""
    return audit_of(user)
