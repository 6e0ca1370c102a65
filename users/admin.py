"""Accounts, badges and penalties for staff. What players and matches write meanwhile is never saved over."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from users import services
from users.models import Badge, OwnedBadge, Penalty, User


class OwnedBadgeInline(admin.TabularInline):
    """Badges of an account; which of them are worn is the player's own choice."""

    model = OwnedBadge
    extra = 0
    readonly_fields = ("place",)


class PenaltyInline(admin.TabularInline):
    """Penalties of an account; one that was wrong is lifted rather than deleted."""

    model = Penalty
    extra = 0
    can_delete = False
    readonly_fields = ("worked_off", "worked_off_at", "source")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts. They come from signing in; a rating comes from matches."""

    list_display = ("trainer_name", "user_id", "rate", "match_count", "is_staff", "banned_at")
    list_filter = ("is_staff", "is_active", ("banned_at", admin.EmptyFieldListFilter))
    search_fields = ("trainer_name", "user_id")
    ordering = ("trainer_name", "user_id")
    inlines = (PenaltyInline, OwnedBadgeInline)
    actions = ("ban", "unban")
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = (
        "user_id",
        "subject",
        "discord_id",
        "email",
        "rate",
        "max_rate",
        "last_rate_delta",
        "rating_mean",
        "rating_deviation",
        "match_count",
        "win_count",
        "banned_at",
        "ban_reason",
        "created_at",
        "last_login",
    )
    fieldsets = (
        (None, {"fields": ("user_id", "trainer_name", "bio", "preferred_roles", "twitter_id", "created_at")}),
        (
            "Play",
            {
                "fields": (
                    ("rate", "max_rate", "last_rate_delta"),
                    ("rating_mean", "rating_deviation"),
                    ("match_count", "win_count"),
                )
            },
        ),
        ("Shut out", {"fields": ("banned_at", "ban_reason", "is_active")}),
        ("Rights", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions"), "classes": ("collapse",)}),
        ("Private", {"fields": ("subject", "discord_id", "email", "last_login"), "classes": ("collapse",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only superusers give rights; else whoever may change accounts could take all of them."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "groups", "user_permissions")
        return (*self.readonly_fields, *rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Superusers are changed by superusers alone."""
        protected = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not protected

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are made by signing in, staff's by `createsuperuser`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Matches refer to their players."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Write the columns that were changed in the form and no others."""
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in columns])

    @admin.action(description="Ban the selected accounts", permissions=["change"])
    def ban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Shut accounts out, but for the staff member's own and those above."""
        for user in queryset.exclude(pk=request.user.pk):
            if not self.has_change_permission(request, user):
                continue
            services.user_ban(user=user, reason="Banned by staff")
            self.log_change(request, user, "Banned")
        self.message_user(request, "The selected accounts are banned.", messages.SUCCESS)

    @admin.action(description="Unban the selected accounts", permissions=["change"])
    def unban(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let accounts in again."""
        for user in queryset:
            services.user_unban(user=user)
            self.log_change(request, user, "Unbanned")
        self.message_user(request, "The selected accounts are let in again.", messages.SUCCESS)


@admin.register(Badge)
class BadgeAdmin(admin.ModelAdmin):
    """The catalogue of badges."""

    list_display = ("name", "badge_id", "earned_by", "position")
    search_fields = ("name", "badge_id")


@admin.register(Penalty)
class PenaltyAdmin(admin.ModelAdmin):
    """All penalties; they are given on the page of the account."""

    list_display = ("user", "points", "worked_off", "reason", "source", "given_at", "until", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__trainer_name", "user__user_id", "source")
    readonly_fields = ("worked_off", "worked_off_at", "source")
    autocomplete_fields = ("user",)
    actions = ("lift",)

    def has_delete_permission(self, request: HttpRequest, obj: Penalty | None = None) -> bool:
        """Lifted rather than deleted."""
        return False

    @admin.action(description="Lift the selected penalties", permissions=["change"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Penalty]) -> None:
        """Take penalties back."""
        for penalty in queryset:
            services.penalty_lift(penalty=penalty)
            self.log_change(request, penalty, "Lifted")
        self.message_user(request, "The selected penalties are lifted.", messages.SUCCESS)
