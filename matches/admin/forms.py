"""What actions on matches ask for."""

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
    """One of some players, who may have the same name."""

    def label_from_instance(self, obj: User) -> str:
        """The name and the public id."""
        return f"{obj.trainer_name} ({obj.pk})"


class SeatedForm(Single):
    """One of the ten."""

    player = PlayerField(User.objects.none(), label=_("Player"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = Seat.objects.filter(match__in=self.rows[:1]).values("user")
        self.fields["player"].queryset = User.objects.filter(pk__in=seated)  # type: ignore[attr-defined]


class LobbyForm(Single):
    """The number of the lobby."""

    lobby_id = forms.CharField(max_length=LONGEST_TYPED, label=_("Lobby"), help_text=_("Eight digits."))


class ResultForm(ActionForm):
    """What is to have come out."""

    result = forms.ChoiceField(choices=translated(Result.choices), label=_("Result"))


class VoidForm(ActionForm):
    """What becomes of the players."""

    put_back = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Put the players back into the queue"),
        help_text=_(
            "Players get back the places that they had, unless they have reported, are banned or have a penalty."
        ),
    )


class ReplacementForm(SeatedForm):
    """Who goes and who comes."""

    replacement = forms.CharField(
        max_length=16, label=_("Replacement"), help_text=_("The public id of the player who takes the seat.")
    )
