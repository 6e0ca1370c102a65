"""Exporting and anonymising what matches and seasons keep of a player. Others are named by public ids alone."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max
from rest_framework import serializers

from matches.limits import limit
from matches.models import RatingChange, Report, SeasonRank, Seat, Status, Team
from matches.result import Result
from users.errors import Conflict
from users.models import DELETED, User
from users.personal import exports, forgets
from users.roles import ROLES


class ExportedReport(serializers.ModelSerializer):
    """A report of the player."""

    result = serializers.ChoiceField(Result.choices)
    violations = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of players reported for misconduct."
    )

    class Meta:
        model = Report
        fields = ("result", "reason", "violations", "reported_at")


class ExportedSeat(serializers.ModelSerializer):
    """A match that the player was in."""

    match_id = serializers.CharField()
    matched_at = serializers.DateTimeField(source="match.matched_at")
    closed_at = serializers.DateTimeField(source="match.closed_at", allow_null=True)
    result = serializers.CharField(source="match.result", help_text="Empty while the match is open.")
    team = serializers.ChoiceField(Team.choices)
    role = serializers.ChoiceField(ROLES)
    selected_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), help_text="Best first.")
    badges = serializers.ListField(child=serializers.CharField(), help_text="Badges worn when the match was closed.")
    report = serializers.SerializerMethodField()
    said_missing = serializers.SerializerMethodField()
    players = serializers.SerializerMethodField()

    class Meta:
        model = Seat
        fields = (
            *("match_id", "matched_at", "closed_at", "result", "team", "role", "selected_roles", "queued_at"),
            *("rate_before", "rate_after", "rate_delta", "trainer_name", "badges", "was_online", "lobby_misses"),
            *("report", "said_missing", "players"),
        )

    def get_report(self, seat: Seat) -> ExportedReport(allow_null=True):  # type: ignore[valid-type]
        """The player's report; null if there is none."""
        return ExportedReport(seat.report).data if hasattr(seat, "report") else None

    def get_said_missing(self, seat: Seat) -> list[str]:
        """The ids of the players whom the player has marked as missing."""
        return [mark.seat.user_id for mark in seat.match.missing_marks.all() if mark.by_id == seat.pk]

    def get_players(self, seat: Seat) -> dict[str, str]:
        """The team of each player, by id."""
        return {other.user_id: other.team for other in seat.match.seats.all()}


class ExportedRating(serializers.ModelSerializer):
    """A line of the journal of ratings."""

    match_id = serializers.CharField(allow_null=True)
    season = serializers.CharField(source="season.name", allow_null=True, default=None)

    class Meta:
        model = RatingChange
        fields = (
            *("made_at", "match_id", "season", "system", "version", "rate_before", "rate_after"),
            *("mean_before", "mean_after", "deviation_before", "deviation_after"),
        )


class ExportedRank(serializers.ModelSerializer):
    """Where the player stood when a season was closed."""

    season = serializers.CharField(source="season.name")

    class Meta:
        model = SeasonRank
        fields = ("season", "rank", "rate", "match_count", "win_count", "trainer_name")


@exports("matches", ExportedSeat, many=True)
def seats(user: User) -> Iterable[Seat]:
    """The player's seats, the latest first."""
    found = Seat.objects.filter(user=user).select_related("match", "report").order_by("-match__matched_at", "match_id")
    return found.prefetch_related("match__seats", "match__missing_marks__seat")


@exports("rating_journal", ExportedRating, many=True)
def journal(user: User) -> Iterable[RatingChange]:
    """The player's journal of ratings, the oldest first."""
    return RatingChange.objects.filter(user=user).select_related("season")


@exports("season_ranks", ExportedRank, many=True)
def ranks(user: User) -> Iterable[SeasonRank]:
    """The player's final ranks, the latest season first."""
    return SeasonRank.objects.filter(user=user).select_related("season").order_by("-season__starts_at")


@forgets
def anonymise(user: User, now: datetime) -> None:
    """Take the name and the badges out of finished matches and ranks. The rows stay, for the other players.

    Raises:
        Conflict: `match_open` while a match of the player is open, even if the player has reported, and while a
            late report on it can still give the player a penalty point.
    """
    seats = Seat.objects.filter(user=user)
    if seats.filter(match__status=Status.MATCHED).exists():
        raise Conflict("One of your matches is still open. Wait until it is done.", "match_open")
    last = seats.aggregate(last=Max("match__closed_at"))["last"]
    if last is not None and now < last + limit("late_report"):
        until = last + limit("late_report")
        raise Conflict("One of your matches can still be reported. Wait a few minutes.", "match_open", until=until)
    seats.update(trainer_name=DELETED, badges=[])
    SeasonRank.objects.filter(user=user).update(trainer_name=DELETED)
