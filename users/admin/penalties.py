"""All penalties."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from staff.admin import ReadOnlyAdmin, service_action
from users import services
from users.models import Penalty, User


class PenaltyAdmin(ReadOnlyAdmin):
    """They are given on the page of the account, and lifted here rather than deleted."""

    list_display = ("user", "points", "worked_off", "reason", "source", "given_at", "until", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__trainer_name", "user__user_id", "source")
    actions = ("lift",)

    def audit_subject(self, penalty: Penalty) -> User:
        """The account of the player."""
        return penalty.user

    def may_act(self, request: HttpRequest, row: Penalty) -> bool:
        """Nobody lifts their own."""
        return row.user_id != request.user.pk

    @service_action(_("Lift"))
    def lift(self, penalty: Penalty, **fields: Any) -> None:
        """Take a penalty back."""
        services.penalty_lift(penalty=penalty)
