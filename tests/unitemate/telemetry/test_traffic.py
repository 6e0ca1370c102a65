"""What clients cost beside polling: reckoned from what was counted."""

import json

import pytest
from django.core.management import call_command

from realtime.telemetry import multiprocess
from realtime.telemetry.summary import Series
from unitemate.telemetry import traffic


def counted(**more: float) -> list[Series]:
    """Ten clients for an hour."""
    numbers = {
        ("unitemate_connected_seconds_total",): 36_000.0,
        ("unitemate_connections_opened_total",): 10.0,
        ("unitemate_client_frames_total", "action", "authenticate"): 10.0,
        ("unitemate_client_frames_total", "action", "resync"): 2.0,
        ("unitemate_client_bytes_total", "action", "authenticate"): 5_000.0,
        ("unitemate_sent_bytes_total", "kind", "queue"): 70_000.0,
        ("unitemate_http_requests_total", "route", "api/queue"): 4.0,
        ("unitemate_http_requests_total", "route", "api/queue/join"): 6.0,
        ("unitemate_http_requests_total", "route", "static/"): 1_000.0,
        ("unitemate_http_received_bytes_total", "route", "api/queue"): 4 * 600.0,
        ("unitemate_http_sent_bytes_total", "route", "api/queue"): 4 * 900.0,
        ("unitemate_http_sent_bytes_total", "route", "static/"): 1e9,
    } | more
    return [Series(name, dict([rest]) if rest else {}, value) for (name, *rest), value in numbers.items()]


def test_what_clients_asked_for_is_counted_without_the_pages_files():
    seen = traffic.counted(counted())
    assert seen.requests == 10 + 10 + 12
    assert (seen.up, seen.down) == (4 * 600 + 5_000, 4 * 900 + 70_000)


def test_polling_would_have_cost_a_poll_each_five_seconds_and_a_ping_a_minute():
    polled = traffic.by_polling(counted(), 36_000)
    assert polled.requests == 36_000 / 5 + 36_000 / 60
    assert polled.up == 7_200 * 600 + 600 * (17 + 6)
    assert polled.down == 7_200 * 900 + 600 * (17 + 2)


def test_without_a_request_for_the_queue_nobody_knows_what_a_poll_costs():
    series = [one for one in counted() if one.labels.get("route") != "api/queue"]
    polled = traffic.by_polling(series, 36_000)
    assert (polled.requests, polled.up, polled.down) == (7_800, None, None)


def test_an_hour_of_a_hundred():
    assert traffic.by_polling(counted(), 36_000).of_hundred(36_000).requests == 78_000
    assert traffic.counted(counted()).of_hundred(36_000).requests == 320


def test_the_reference():
    assert traffic.reference() == (78_000, 6_000)


@pytest.mark.django_db
class TestTheCommand:
    def test_it_reads_what_the_server_counts(self, client, capsys):
        multiprocess.folder().reset()
        for _ in range(3):
            client.get("/api/queue")
        call_command("traffic_report", "--json")
        report = json.loads(capsys.readouterr().out)
        assert report["now"]["requests"] == 3
        assert report["now"]["down"] > 3 * 200
        assert report["reference_hour_of_100"] == {"polling": 78_000, "pings_alone": 6_000}
        assert (report["connected_seconds"] == 0) == (report["hour_of_100"] == {})

    def test_it_prints_a_table(self, client, capsys):
        client.get("/api/queue")
        call_command("traffic_report")
        shown = capsys.readouterr().out
        assert "as counted" in shown
        assert "78,000" in shown
        assert "6,000" in shown
