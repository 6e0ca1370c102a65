"""Matches go as often this way or that as in the real evening, and the same for all ten."""

from collections import Counter

import pytest

from unitemate.simulation import figures, script

MATCHES = 4_000


@pytest.fixture(scope="module")
def scripts():
    return [script.of(f"match{number}", seed=1) for number in range(MATCHES)]


def quantile(values, share):
    return sorted(values)[int(len(values) * share)]


def test_the_id_and_the_seed_decide():
    assert script.of("m", 1) == script.of("m", 1)
    assert script.of("m", 1) != script.of("m", 2)
    assert script.of("m", 1) != script.of("n", 1)


def test_results_and_missing_lobbies_are_as_frequent(scripts):
    results = Counter(one.result for one in scripts)
    for result, share in figures.RESULTS.items():
        assert results[result] / MATCHES == pytest.approx(share, abs=0.02)
    without = [one for one in scripts if one.lobby_after is None]
    assert len(without) / MATCHES == pytest.approx(figures.LOBBY_NEVER_CREATED, abs=0.006)
    assert {one.result for one in without} == {"invalid"}


def test_the_votes_always_decide_for_the_result(scripts):
    for one in scripts:
        votes = Counter(part.result for part in one.parts)
        assert votes[one.result] > script.SEATS - votes[one.result]


def test_dissent_and_silence_are_as_frequent(scripts):
    valid = [one for one in scripts if one.result != "invalid"]
    dissent = [sum(part.result != one.result for part in one.parts) for one in valid]
    assert sum(map(bool, dissent)) / len(valid) == pytest.approx(figures.DISSENT_IN_VALID, abs=0.03)
    for_invalid = sum(part.result == "invalid" for one in valid for part in one.parts)
    assert for_invalid / sum(dissent) == pytest.approx(figures.DISSENT_FOR_INVALID, abs=0.05)
    silent = sum(part.after is None for one in scripts for part in one.parts)
    assert silent / (MATCHES * script.SEATS) == pytest.approx(figures.NEVER_REPORTS, abs=0.004)


@pytest.mark.parametrize(("kind", "seventh", "last"), [("valid", 1201, 1340), ("invalid", 376, 694)])
def test_reports_come_when_they_came(scripts, kind, seventh, last):
    """`seventh` and `last` are medians of the real evening that the curve was made from."""
    times = [
        sorted(part.after for part in one.parts)
        for one in scripts
        if (one.result == "invalid") == (kind == "invalid") and all(part.after is not None for part in one.parts)
    ]
    middle, late = figures.FIRST_REPORT[kind]
    assert quantile([reports[0] for reports in times], 0.5) == pytest.approx(middle, rel=0.05)
    assert quantile([reports[0] for reports in times], 0.95) == pytest.approx(late, rel=0.1)
    assert quantile([reports[6] for reports in times], 0.5) == pytest.approx(seventh, rel=0.1)
    assert quantile([reports[9] for reports in times], 0.5) == pytest.approx(last, rel=0.3)  # a long tail, few matches


def test_a_lobby_id_has_eight_digits(scripts):
    assert all(len(one.lobby_id) == 8 and one.lobby_id.isdigit() for one in scripts)
