"""Matches with their seats, reports, marks and events; seasons; and the journal of ratings."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from matches.result import Result
from users import fitting
from users.columns import JSONColumn, TextColumn, finite
from users.ids import new_public_id
from users.roles import ROLES, label

LAST_VOICE_CHANNEL = 99


class Team(models.TextChoices):
    A = "A", "A (first pick)"
    B = "B", "B (second pick)"


class Status(models.TextChoices):
    MATCHED = "matched"
    DONE = "done"


class Phase(models.TextChoices):
    LOBBY = "lobby"
    JOINING = "joining"
    PLAYING = "playing"
    DONE = "done"


class Reason(models.TextChoices):
    """Why a match could not be started. A player who reports it invalid may give it."""

    LOBBY_NOT_MADE = "lobby_not_made", "no lobby was made"
    PLAYERS_MISSING = "players_missing", "players were missing"
    CANNOT_ENTER = "cannot_enter", "the lobby could not be entered"
    OTHER = "other", "something else"


class Match(models.Model):
    """Ten players, from the moment they are matched to the result.

    The voice channels of an open match are `voice_channel` (odd, team A) and the next number (team B). They are free
    again as soon as the match is closed.
    """

    match_id = models.CharField(primary_key=True, max_length=16, default=new_public_id, editable=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.MATCHED)
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.LOBBY)
    matched_at = models.DateTimeField(default=timezone.now)
    deadline = models.DateTimeField(null=True, blank=True, help_text="When the phase ends.")
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="hosted_matches"
    )
    lobby_id = models.CharField(max_length=8, blank=True)
    voice_channel = models.PositiveSmallIntegerField(null=True, blank=True)
    decide_at = models.DateTimeField(
        null=True, blank=True, help_text="When the match is decided with the reports so far, at the latest."
    )
    result = models.CharField(max_length=8, choices=Result, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "matches"
        ordering = ("-matched_at", "match_id")
        indexes = (
            models.Index(fields=["decide_at"], condition=Q(status=Status.MATCHED), name="match_open_by_decision"),
            models.Index(fields=["-matched_at"], name="match_newest_first"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["voice_channel"], condition=Q(status=Status.MATCHED), name="voice_pair_in_one_open_match"
            ),
            models.CheckConstraint(
                condition=Q(voice_channel__isnull=True) | Q(voice_channel__in=range(1, LAST_VOICE_CHANNEL, 2)),
                name="voice_channel_odd_with_partner",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.DONE) & Q(phase=Phase.DONE) & ~Q(result="") & Q(closed_at__isnull=False))
                | (Q(status=Status.MATCHED) & ~Q(phase=Phase.DONE) & Q(result="") & Q(closed_at__isnull=True)),
                name="match_done_has_result",
            ),
            models.CheckConstraint(
                condition=Q(lobby_id="") | Q(lobby_id__regex=r"^[0-9]{8}$"), name="lobby_id_8_digits"
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id} ({self.get_phase_display()})"


class Seat(models.Model):
    """A player's place in a match.

    A seat is open until its player has reported or the match is done. A player with an open seat cannot queue. The
    columns under "shown" are filled when the match closes, and a finished match shows them. An open match shows the
    account's own values.
    """

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    team = models.CharField(max_length=1, choices=Team)
    role = models.CharField(max_length=12, choices=[(role, label(role)) for role in ROLES])
    selected_roles = JSONColumn(help_text="As named in the queue, best first.", fitting=fitting.roles)
    queued_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    lobby_misses = models.PositiveSmallIntegerField(
        default=0, help_text="How often the player, as host, let the time for the lobby run out."
    )
    rate_before = models.IntegerField(help_text="The rating shown at the time of matching.")
    # The shown rating after closing, and by how much the match moved it. Another match may have moved it since the
    # matching, so that `rate_before + rate_delta` may differ from `rate_after`. `RatingChange` has all numbers.
    rate_after = models.IntegerField(null=True, blank=True)
    rate_delta = models.IntegerField(null=True, blank=True)
    # shown
    trainer_name = models.CharField(max_length=50, blank=True)
    badges = JSONColumn(default=list, blank=True, fitting=fitting.badge_ids)
    was_online = models.BooleanField(default=False)

    class Meta:
        ordering = ("match_id", "team", "role")
        constraints = (
            models.UniqueConstraint(fields=["match", "team", "role"], name="seat_per_team_and_role"),
            models.UniqueConstraint(fields=["match", "user"], name="seat_per_player_and_match"),
            models.UniqueConstraint(fields=["user"], condition=Q(is_open=True), name="one_open_seat_per_player"),
            models.CheckConstraint(condition=Q(team__in=Team.values), name="seat_team_known"),
            models.CheckConstraint(condition=Q(role__in=ROLES), name="seat_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.team}, {self.get_role_display()}"

    def wins_by(self, result: str) -> bool:
        """Whether that result is a win for this seat's team."""
        return result == (Result.A_WIN if self.team == Team.A else Result.B_WIN)


class Report(models.Model):
    """The result that one player reports. The primary key is the seat, so that nobody reports twice."""

    seat = models.OneToOneField(Seat, on_delete=models.CASCADE, primary_key=True, related_name="report")
    # The match is stored again, so that the trigger finds the match's stream without another query.
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="reports")
    result = models.CharField(max_length=8, choices=Result)
    reason = models.CharField(
        max_length=16,
        choices=Reason,
        blank=True,
        default="",
        db_default="",
        help_text="Why the match could not be started.",
    )
    violations = JSONColumn(
        default=list, blank=True, fitting=fitting.public_ids, help_text="Ids of players reported for misconduct."
    )
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("reported_at",)
        constraints = (models.CheckConstraint(condition=Q(result__in=Result.values), name="report_result_known"),)

    def __str__(self) -> str:
        return f"{self.match_id}: {self.get_result_display()}"


class MissingMark(models.Model):
    """A player's statement that another player has not come to the lobby."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="missing_marks", help_text="Who is missing.")
    by = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="+", help_text="Who says so.")
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="missing_marks")
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("marked_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["seat", "by"], name="missing_said_once"),
            models.CheckConstraint(condition=~Q(seat=F("by")), name="missing_is_another"),
        )

    def __str__(self) -> str:
        return f"{self.seat_id} by {self.by_id}"


class MatchEvent(models.Model):
    """An event of a match that left no other trace, for its timeline and for attendance."""

    class Kind(models.TextChoices):
        HOST = "host", "host"
        LOBBY = "lobby", "lobby"
        JOINED = "joined", "took the seat"
        LEFT = "left", "gave up the seat"
        SEEN = "seen", "was there"

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The player whom it is about.",
    )
    lobby_id = models.CharField(max_length=8, blank=True)
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("happened_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["match", "user"], condition=Q(kind="seen"), name="match_seen_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} in {self.match_id}"


class Season(models.Model):
    """A span of play under one leaderboard. It runs from its opening to its end.

    Opening it applies the soft reset to ratings, closing it keeps the final ranks. Each is done once. Between its end
    and its closing the last matches are played.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        OPEN = "open"
        CLOSED = "closed"

    name = TextColumn(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED, editable=False)

    class Meta:
        ordering = ("-starts_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="season_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(ends_at__isnull=False), name="season_closed_has_end"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="open"), name="season_one_open"),
        )

    def __str__(self) -> str:
        return self.name


class SeasonRank(models.Model):
    """A player's final rank in a season."""

    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="ranks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="season_ranks")
    rank = models.PositiveIntegerField(help_text="Players with the same rating share one.")
    rate = models.IntegerField()
    match_count = models.PositiveIntegerField(help_text="Matches played in the season.")
    win_count = models.PositiveIntegerField()
    trainer_name = models.CharField(max_length=50, help_text="As it was then.")

    class Meta:
        ordering = ("season_id", "rank", "user_id")
        constraints = (models.UniqueConstraint(fields=["season", "user"], name="season_rank_once"),)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.rank} in {self.season_id}"


class RatingChange(models.Model):
    """A line of the journal of ratings: how a match, or the opening of a season, changed a player's rating.

    A match that is done has a line for each player, even if it is invalid and changes nothing. Of two lines of one
    player the later has the higher number, so that ratings can be replayed from any match on.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rating_changes")
    match = models.ForeignKey(Match, null=True, on_delete=models.CASCADE, related_name="rating_changes")
    season = models.ForeignKey(Season, null=True, on_delete=models.CASCADE, related_name="rating_changes")
    made_at = models.DateTimeField(help_text="When the match was closed, or the season opened.")
    system = models.CharField(max_length=40, help_text="The rating system that was used.")
    version = models.PositiveSmallIntegerField()
    matches_before = models.PositiveIntegerField(help_text="Decided matches of the player until then.")
    mean_before = models.FloatField()
    deviation_before = models.FloatField()
    rate_before = models.IntegerField(help_text="The rating shown before.")
    max_rate_before = models.IntegerField()
    mean_after = models.FloatField()
    deviation_after = models.FloatField()
    rate_after = models.IntegerField()

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=["user", "-id"], name="rating_change_newest_first"),)
        constraints = (
            models.UniqueConstraint(fields=["match", "user"], name="rating_change_once_a_match"),
            models.UniqueConstraint(fields=["season", "user"], name="rating_change_once_a_season"),
            models.CheckConstraint(
                condition=Q(match__isnull=False, season__isnull=True) | Q(match__isnull=True, season__isnull=False),
                name="rating_change_by_match_or_season",
            ),
            models.CheckConstraint(
                condition=finite("mean_before", "deviation_before", "mean_after", "deviation_after"),
                name="rating_change_is_finite",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.rate_before} → {self.rate_after}"
