"""The forms of actions on matches."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matches.lobby_number import LONGEST_TYPED
from matches.models import Seat
from matches.result import Result
from staff.admin import ActionForm, Single
from staff.words import translated
from users.models import User


class PlayerField(forms.ModelChoiceField):
    """A choice of players, who may have the same name."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.trainer_name} ({obj.pk})"


class SeatedForm(Single):
    """Asks for one of the ten players."""

    player = PlayerField(User.objects.none(), label=_("Player"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = Seat.objects.filter(match__in=self.rows[:1]).values("user")
        self.fields["player"].queryset = User.objects.filter(pk__in=seated)  # type: ignore[attr-defined]


class LobbyForm(Single):
    lobby_id = forms.CharField(max_length=LONGEST_TYPED, label=_("Lobby"), help_text=_("Eight digits."))


class ResultForm(ActionForm):
    result = forms.ChoiceField(choices=translated(Result.choices), label=_("Result"))


class VoidForm(ActionForm):
    put_back = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Put the players back into the queue"),
        help_text=_(
            "Players get back the places that they had, unless they have reported, are banned or have a penalty."
        ),
    )


class ReplacementForm(SeatedForm):
    """Asks for the player who leaves and the replacement."""

    replacement = forms.CharField(
        max_length=16, label=_("Replacement"), help_text=_("The public id of the player who takes the seat.")
    )
