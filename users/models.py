"""Who plays: the account, the badges it owns and the penalties it has been given."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users import fitting
from users.columns import JSONColumn, TextColumn, finite
from users.ids import new_public_id
from users.names import is_reserved
from users.rates import START_DEVIATION, START_RATE

DELETED = "退会済み (deleted)"
"""The name of deleted accounts, in both languages. Nobody else may have it."""

TWITTER_ID = RegexValidator(
    r"^[A-Za-z0-9_]{1,15}\Z", _("No account has this name: up to 15 letters, digits and underscores.")
)
HTTPS = URLValidator(schemes=["https"], message=_("This is no https address."))


STAFF_PREFIX = "staff|"
"""Prefix of the subjects of accounts made by `createsuperuser`. No token may have such a subject."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, subject: str, password: str | None = None, **fields: Any) -> "User":
        """Make an account for an identity.

        Args:
            subject: what the identity provider calls the person (a token's `sub`).
            password: for staff, who sign in to the admin; players have none.
            **fields: further columns of `User`.
        """
        user = self.model(subject=subject, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, subject: str, password: str | None = None, **fields: Any) -> "User":
        """Make an administrator (`manage.py createsuperuser`), with a subject that no identity provider issues."""
        subject = STAFF_PREFIX + subject.removeprefix(STAFF_PREFIX)
        return self.create_user(subject, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account that signs in to the admin by this name: a subject, with or without `STAFF_PREFIX`."""
        made = self.filter(subject=f"{STAFF_PREFIX}{username}").first()
        return made or super().get_by_natural_key(username)


class User(AbstractBaseUser, PermissionsMixin):
    """A player's account. `subject`, `discord_id` and `email` are private: no projection names them.

    `rate` is the rating that is shown. Matchmaking and results use `rating_mean` and `rating_deviation`.
    """

    user_id = models.CharField(primary_key=True, max_length=16, default=new_public_id, editable=False)
    subject = models.CharField(max_length=255, unique=True, help_text="The token's sub; private.")
    discord_id = models.CharField(max_length=32, unique=True, null=True, blank=True, help_text="Private.")
    email = models.EmailField(blank=True, help_text="Private.")

    trainer_name = TextColumn(max_length=50)
    bio = TextColumn(max_length=200, blank=True, lines=True)
    preferred_roles = JSONColumn(
        default=list, blank=True, fitting=fitting.roles,
        help_text='Favourite first, each once: ["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"].',
    )  # fmt: skip
    blocked_user_ids = JSONColumn(default=list, blank=True, fitting=fitting.public_ids)
    twitter_id = models.CharField(max_length=15, blank=True, validators=[TWITTER_ID])
    discord_username = TextColumn(max_length=32, blank=True)
    discord_avatar_url = models.URLField(blank=True, validators=[HTTPS])

    rate = models.IntegerField(default=START_RATE)
    max_rate = models.IntegerField(default=START_RATE)
    last_rate_delta = models.IntegerField(default=0)
    rating_mean = models.FloatField(default=START_RATE, help_text="How strong the player is thought to be.")
    rating_deviation = models.FloatField(default=START_DEVIATION, help_text="How unsure that is.")
    match_count = models.PositiveIntegerField(default=0)
    win_count = models.PositiveIntegerField(default=0)

    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    banned_at = models.DateTimeField(null=True, blank=True)
    ban_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    former_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False,
        help_text="By which the person is known again who has deleted the account; private.",
    )  # fmt: skip
    tokens_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Tokens issued by then belong to an account that is deleted."
    )
    notice = JSONColumn(
        null=True,
        blank=True,
        editable=False,
        fitting=fitting.notice,
        help_text="The last thing that was done to the player.",
    )

    USERNAME_FIELD = "subject"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["trainer_name"]
    objects = UserManager()

    class Meta:
        ordering = ("user_id",)
        indexes = (
            models.Index(fields=["-rate", "user_id"], name="user_ranking"),
            models.Index(fields=["former_digest"], condition=~Q(former_digest=""), name="user_former"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(win_count__lte=F("match_count")), name="user_wins_within_matches"),
            models.CheckConstraint(condition=Q(max_rate__gte=F("rate")), name="user_max_rate_is_highest"),
            models.CheckConstraint(condition=Q(rating_deviation__gt=0), name="user_rating_deviates"),
            models.CheckConstraint(condition=finite("rating_mean", "rating_deviation"), name="user_rating_is_finite"),
            # A write that was under way when the account was deleted cannot bring personal data back.
            models.CheckConstraint(
                condition=Q(deleted_at=None)
                | Q(
                    trainer_name=DELETED,
                    email="",
                    discord_id=None,
                    bio="",
                    twitter_id="",
                    discord_username="",
                    discord_avatar_url="",
                    is_active=False,
                    is_staff=False,
                    is_superuser=False,
                ),
                name="user_deleted_is_nobody",
            ),
        )

    def __str__(self) -> str:
        return self.trainer_name

    def clean(self) -> None:
        """Refuse a reserved name.

        Raises:
            ValidationError: the name looks like one of deleted accounts or of staff.
        """
        super().clean()
        if self.deleted_at is None and is_reserved(self.trainer_name, is_staff=self.is_staff):
            raise ValidationError({"trainer_name": ValidationError(_("This name is reserved."), code="reserved")})

    def get_short_name(self) -> str:
        """The name that the admin shows; the default would be the private subject."""
        return self.trainer_name

    @property
    def is_banned(self) -> bool:
        """Whether staff have shut the account out."""
        return self.banned_at is not None or not self.is_active

    def refuses_token_of(self, issued_at: float) -> bool:
        """Whether a token issued at this time (Unix seconds) belongs to a deleted account of the same person."""
        return self.tokens_from is not None and issued_at <= self.tokens_from.timestamp()


class Badge(models.Model):
    """One entry of the catalogue of badges (勲章)."""

    badge_id = models.SlugField(primary_key=True, max_length=40)
    name = TextColumn(max_length=60)
    earned_by = TextColumn(max_length=200, help_text="How it is earned, in words for players.")
    look = JSONColumn(
        default=dict, fitting=fitting.look, help_text='How clients draw it: {"icon": "...", "colour": "#rrggbb"}.'
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "badge_id")

    def __str__(self) -> str:
        return self.name


class OwnedBadge(models.Model):
    """A badge that a player has earned, and the place (1 or 2) where it is worn, if it is."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="owned_badges")
    badge = models.ForeignKey(Badge, on_delete=models.CASCADE, related_name="owners")
    earned_at = models.DateTimeField(default=timezone.now)
    place = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("earned_at", "badge_id")
        constraints = (
            models.UniqueConstraint(fields=["user", "badge"], name="badge_owned_once"),
            models.UniqueConstraint(fields=["user", "place"], name="badge_place_worn_once"),
            models.CheckConstraint(condition=Q(place__isnull=True) | Q(place__in=[1, 2]), name="badge_place_1_or_2"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.badge_id}"


class Penalty(models.Model):
    """Points for misconduct and the time-out that goes with them; lifted rather than deleted.

    Play works points off, one by one; the row stays with its reason.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="penalties")
    points = models.PositiveSmallIntegerField(default=1)
    reason = TextColumn(max_length=200)
    given_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text="No queueing before this time.")
    lifted_at = models.DateTimeField(null=True, blank=True)
    worked_off = models.PositiveSmallIntegerField(default=0, help_text="Points of it that were given back for play.")
    worked_off_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(
        max_length=40, blank=True, help_text="What it was given for by rule: a match's id; empty where staff gave it."
    )

    class Meta:
        verbose_name_plural = "penalties"
        ordering = ("-given_at", "-pk")
        indexes = (models.Index(fields=["user"], condition=Q(lifted_at=None), name="penalty_in_force"),)
        constraints = (
            models.UniqueConstraint(fields=["user", "source"], condition=~Q(source=""), name="penalty_once_a_source"),
            models.CheckConstraint(condition=Q(worked_off__lte=F("points")), name="penalty_worked_off_within_points"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.points}"
