"""What is measured of the queue and of matches."""

import pytest

from matches import metrics
from matches.matchmaker import Matchmaker
from matches.models import Match
from queue_app.metrics import waiting
from tests.figures import figure
from tests.scenes import make_match, players, queue_up

pytestmark = pytest.mark.django_db


def test_who_waits_and_what_is_open_is_read():
    nothing = {("lobby",): 0, ("joining",): 0, ("playing",): 0}
    assert (waiting(), metrics.open_matches()) == (0, nothing)
    match = make_match()
    queue_up(players(3, "later"))
    assert (waiting(), metrics.open_matches()) == (3, nothing | {("lobby",): 1})
    Match.objects.filter(pk=match.pk).update(phase="playing")
    assert metrics.open_matches() == nothing | {("playing",): 1}


def test_a_match_counts_the_waits_that_it_ends():
    made, waits = figure("unitemate_matches_made_total"), figure("unitemate_match_wait_seconds_count")
    short = figure("unitemate_match_wait_seconds_bucket", le="60.0")
    seconds = figure("unitemate_match_wait_seconds_sum")
    metrics.made(make_match())  # who came n-th has waited 60 - n seconds
    assert figure("unitemate_matches_made_total") == made + 1
    assert figure("unitemate_match_wait_seconds_count") == waits + 10
    assert figure("unitemate_match_wait_seconds_bucket", le="60.0") == short + 10
    assert figure("unitemate_match_wait_seconds_sum") == pytest.approx(seconds + sum(60 - n for n in range(10)))


def test_the_matchmaker_times_its_rounds_and_counts_what_it_makes():
    rounds, made = figure("unitemate_matchmaking_round_seconds_count"), figure("unitemate_matches_made_total")
    queue_up(players())
    worker = Matchmaker(interval=5)
    worker.tick(0)
    worker.stop()
    assert figure("unitemate_matchmaking_round_seconds_count") == rounds + 1
    assert figure("unitemate_matches_made_total") == made + 1
