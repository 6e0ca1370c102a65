"""Accounts in the admin."""

from datetime import UTC
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from staff.admin import AuditedAdmin, ReadOnly, Single, service_action
from users import personal, services
from users.admin.forms import BadgeForm, OwnedBadgeForm, PenaltyForm
from users.models import OwnedBadge, Penalty, User

RIGHTS = ("is_superuser", "user_permissions")
ROLES = ("is_staff", "groups")
READABLE = {"ensure_ascii": False, "indent": 2}
PRIVATE = ("subject", "discord_id", "email", "last_login")


class OwnedBadgeInline(ReadOnly, admin.TabularInline):
    """Badges of an account. The player chooses which of them are worn."""

    model = OwnedBadge
    extra = 0
    fields = ("badge", "earned_at", "place")


class PenaltyInline(ReadOnly, admin.TabularInline):
    """Penalties of an account. A wrong one is lifted rather than deleted."""

    model = Penalty
    extra = 0
    fields = ("points", "worked_off", "reason", "source", "given_at", "until", "lifted_at")
    show_change_link = True


class UserAdmin(AuditedAdmin):
    """Accounts. Signing in makes them, and matches change their ratings."""

    list_display = ("trainer_name", "user_id", "discord_username", "rate", "match_count", "staff", "banned_at")
    list_filter = ("is_staff", "is_active", ("banned_at", admin.EmptyFieldListFilter))
    search_fields = ("trainer_name", "user_id", "discord_username")
    search_help_text = _("Name, public id or Discord name")
    ordering = ("trainer_name", "user_id")
    inlines = (PenaltyInline, OwnedBadgeInline)
    actions: tuple[Any, ...] = (
        "ban", "unban", "give_penalty", "grant_badge", "revoke_badge", "export", "delete_account",
    )  # fmt: skip
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = (
        "user_id",
        *PRIVATE,
        "discord_username",
        "rate",
        "max_rate",
        "last_rate_delta",
        "rating_mean",
        "rating_deviation",
        "match_count",
        "win_count",
        "is_active",
        "banned_at",
        "ban_reason",
        "created_at",
        "deleted_at",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "user_id",
                    "trainer_name",
                    "bio",
                    "preferred_roles",
                    "twitter_id",
                    "discord_username",
                    "created_at",
                )
            },
        ),
        (
            _("Play"),
            {
                "fields": (
                    ("rate", "max_rate", "last_rate_delta"),
                    ("rating_mean", "rating_deviation"),
                    ("match_count", "win_count"),
                )
            },
        ),
        (_("Shut out"), {"fields": ("banned_at", "ban_reason", "is_active", "deleted_at")}),
        (_("Rights"), {"fields": (*ROLES, *RIGHTS), "classes": ("collapse",)}),
    )

    @admin.display(description=_("is staff"), ordering="is_staff")
    def staff(self, user: User) -> str:
        """A tick for staff, instead of a cross for everybody else."""
        return "✓" if user.is_staff else "–"

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show personal data only to those who may see it."""
        *fieldsets, last = super().get_fieldsets(request, obj)
        if not _sees_private(request):
            return [*fieldsets, last]
        return [*fieldsets, (_("Private"), {"fields": PRIVATE, "classes": ("collapse",)}), last]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only superusers give rights, and only administrators give roles, so that nobody can promote themselves."""
        rights = () if request.user.is_superuser else RIGHTS
        roles = () if request.user.has_perm("staff.give_roles") else ROLES
        return (*self.readonly_fields, *rights, *roles)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers change superusers. Only those who give roles change other staff; staff change themselves.

        Nobody changes a deleted account.
        """
        if obj is None:
            return super().has_change_permission(request, obj)
        mine = obj.pk == request.user.pk or not _is_above(obj, request)
        return super().has_change_permission(request, obj) and mine and obj.deleted_at is None

    def may_act(self, request: HttpRequest, row: User) -> bool:
        """Nobody acts on themselves or on staff above them."""
        return row.pk != request.user.pk and not _is_above(row, request)

    def has_private_permission(self, request: HttpRequest) -> bool:
        """Whether actions on personal data are allowed."""
        return _sees_private(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Signing in makes accounts, and `createsuperuser` those of staff."""
        return False

    @service_action(_("Ban"))
    def ban(self, user: User, *, reason: str, **fields: Any) -> None:
        """Ban accounts."""
        services.user_ban(user=user, reason=reason)

    @service_action(_("Unban"))
    def unban(self, user: User, **fields: Any) -> None:
        """Lift bans."""
        services.user_unban(user=user)

    @service_action(_("Give a penalty"), form=PenaltyForm)
    def give_penalty(self, user: User, *, points: int, told: str, until: Any, **fields: Any) -> None:
        """Give points, optionally with a time-out."""
        services.penalty_give(user=user, points=points, reason=told, until=until)

    @service_action(_("Grant a badge"), form=BadgeForm)
    def grant_badge(self, user: User, *, badge: Any, **fields: Any) -> None:
        """Players who own the badge already keep it."""
        services.badge_grant(user=user, badge=badge)

    @service_action(_("Revoke a badge"), form=OwnedBadgeForm)
    def revoke_badge(self, user: User, *, badge: Any, **fields: Any) -> None:
        services.badge_revoke(user=user, badge=badge)

    @service_action(_("Export the personal data"), permissions=("private",), form=Single)
    def export(self, user: User, **fields: Any) -> HttpResponse:
        """The same file that the player can download."""
        with timezone.override(UTC):  # as in the player's own download
            document = personal.export(user)
        return JsonResponse(document, headers=personal.file_of(user.pk), json_dumps_params=READABLE)

    @service_action(_("Delete the account"), permissions=("private",))
    def delete_account(self, user: User, **fields: Any) -> None:
        """The same as if the player had deleted it. It cannot be undone."""
        services.account_delete(user=user)


def _is_above(user: User, request: HttpRequest) -> bool:
    if request.user.is_superuser:
        return False
    return user.is_superuser or (user.is_staff and not request.user.has_perm("staff.give_roles"))  # type: ignore[union-attr]


def _sees_private(request: HttpRequest) -> bool:
    return request.user.has_perm("staff.see_personal_data")  # type: ignore[union-attr]
