"""Merging duplicate accounts: an action on the page of accounts. It stands here since it merges matches too."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matches import services
from staff.admin import Single, service_action
from users.admin.accounts import UserAdmin
from users.models import User


class MergeForm(Single):
    """Asks for the account to empty."""

    duplicate = forms.CharField(
        max_length=16,
        label=_("Duplicate"),
        help_text=_("The public id of the other account. Everything of it moves to this one, and the other is banned."),
    )


@service_action(_("Merge a duplicate account into this one"), form=MergeForm)
def merge(page: UserAdmin, user: User, *, duplicate: str, **fields: Any) -> None:
    """Move everything of the duplicate to this account, and ban the duplicate."""
    services.users_merge(keep_user_id=user.user_id, duplicate_user_id=duplicate)
