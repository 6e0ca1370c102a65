"""The bodies of requests and answers about matches."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from matches.lobby_number import LONGEST_TYPED
from matches.models import Reason, Report, Seat, Team
from matches.result import Result
from matches.streams import MATCH
from realtime.rest import serializer_of
from staff.models import LONGEST_REASON
from users.strict import Flag, OneOf, StrictSerializer, TextField

MatchProjection = serializer_of(MATCH)


class LobbyInput(StrictSerializer):
    """The number of the lobby."""

    lobby_id = TextField(
        max_length=LONGEST_TYPED,
        help_text="Eight digits. Full-width digits, and other characters around the digits, are accepted.",
    )


class HostInput(StrictSerializer):
    """The new host."""

    user_id = TextField(max_length=16)


class MissingInput(StrictSerializer):
    """The player who has not come to the lobby."""

    user_id = TextField(max_length=16, help_text="Another player of the match.")


class ReportInput(StrictSerializer):
    """A report of the result."""

    result = OneOf(Result.choices, help_text="Before there is a lobby only `invalid` is accepted.")
    reason = OneOf(Reason.choices, required=False, help_text="With `invalid`: why the match could not be started.")
    violations = serializers.ListField(
        child=TextField(max_length=16),
        max_length=9,
        required=False,
        help_text="Ids of other players of the match to report for misconduct, each once.",
    )


class VoidInput(StrictSerializer):
    """Why staff void a match, and whether its players are put back into the queue."""

    reason = TextField(
        max_length=LONGEST_REASON,
        help_text="For the audit log. Name players by their public ids, since the log outlives accounts.",
    )
    put_back = Flag(
        default=True,
        help_text="Whether players get their places in the queue back. Players who have reported, are banned or have a "
        "penalty do not.",
    )


class OwnReport(serializers.ModelSerializer):
    """The caller's report, as it was sent."""

    result = serializers.ChoiceField(Result.choices)
    reason = serializers.CharField(help_text="Why the match could not be started; empty if the caller gave no reason.")

    class Meta:
        model = Report
        fields = ("result", "reason", "violations", "reported_at")


class OwnStatements(serializers.Serializer):
    """What the caller has said of a match."""

    report = OwnReport(allow_null=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of the players whom the caller has marked as missing."
    )


class Record(serializers.ModelSerializer):
    """One finished match of a player."""

    match_id = serializers.CharField()
    matched_at = serializers.DateTimeField(source="match.matched_at")
    closed_at = serializers.DateTimeField(source="match.closed_at")
    team = serializers.ChoiceField(Team.choices)
    result = serializers.ChoiceField(Result.choices, source="match.result")
    outcome = serializers.SerializerMethodField()
    rate_before = serializers.SerializerMethodField()

    class Meta:
        model = Seat
        fields = (
            "match_id",
            "matched_at",
            "closed_at",
            "team",
            "role",
            "result",
            "outcome",
            "rate_before",
            "rate_after",
            "rate_delta",
        )

    @extend_schema_field(serializers.ChoiceField(("won", "lost", "invalid")))
    def get_outcome(self, seat: Seat) -> str:
        """The result from this player's side."""
        if seat.match.result == Result.INVALID:
            return "invalid"
        return "won" if seat.wins_by(seat.match.result) else "lost"

    def get_rate_before(self, seat: Seat) -> int:
        """The shown rating just before the match changed it. Other matches may have changed it since the matching."""
        if seat.rate_after is None or seat.rate_delta is None:
            return seat.rate_before
        return seat.rate_after - seat.rate_delta


class RatingPoint(serializers.Serializer):
    """A match, or the opening of a season, that moved a rating."""

    at = serializers.DateTimeField(help_text="When the match was closed, or the season opened.")
    rate = serializers.IntegerField(help_text="The rating from then on.")
    match_id = serializers.CharField(allow_null=True, help_text="Null for a season's opening.")


class RatingCurve(serializers.Serializer):
    """A player's shown rating over time."""

    start = serializers.IntegerField(help_text="The rating before the first point.")
    points = RatingPoint(many=True)
