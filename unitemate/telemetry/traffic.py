"""What clients cost, beside what polling would have cost in the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from realtime.protocol import frames
from realtime.telemetry.summary import Series

PING = 60.0
"""Seconds between the pings of a client that polls: what the page before this one did."""
POLL_ROUTE = "api/queue"
"""What such a client polls."""
MASKED = 6
"""Bytes that a short frame of a client has beside its text."""


@dataclass(frozen=True)
class Traffic:
    """What clients asked for and what went over the wire.

    Attributes:
        requests: requests to the API, handshakes of sockets and frames of clients.
        up, down: bytes to the server and from it; None where nothing is known to reckon them by.
    """

    requests: float
    up: float | None
    down: float | None

    def of_hundred(self, connected: float) -> "Traffic":
        """The same for an hour of a hundred clients.

        Args:
            connected: seconds that all clients together were connected.
        """
        share = 100 * 3600 / connected
        return Traffic(
            self.requests * share,
            self.up * share if self.up is not None else None,
            self.down * share if self.down is not None else None,
        )


def connected_seconds(series: Sequence[Series]) -> float:
    """Seconds that all clients together were connected."""
    return _sum(series, "unitemate_connected_seconds_total")


def counted(series: Sequence[Series]) -> Traffic:
    """What was counted of clients: their requests to the API and their sockets; not the page's files."""
    return Traffic(
        requests=_sum(series, "unitemate_http_requests_total", "api/")
        + _sum(series, "unitemate_connections_opened_total")
        + _sum(series, "unitemate_client_frames_total"),
        up=_sum(series, "unitemate_http_received_bytes_total", "api/") + _sum(series, "unitemate_client_bytes_total"),
        down=_sum(series, "unitemate_http_sent_bytes_total", "api/") + _sum(series, "unitemate_sent_bytes_total"),
    )


def polling_requests(connected: float) -> float:
    """Requests that polling makes, every `POLL_INTERVAL` and a ping each minute, in so many seconds."""
    return sum(_polls_and_pings(connected))


def by_polling(series: Sequence[Series], connected: float) -> Traffic:
    """What the same clients would have cost by polling every `POLL_INTERVAL` and a ping each minute.

    A poll is taken to cost what a request for the queue was counted to cost on the average; where
    nobody has made one, its bytes are not known.
    """
    polls, pings = _polls_and_pings(connected)
    made = _sum(series, "unitemate_http_requests_total", POLL_ROUTE, exactly=True)
    if not made:
        return Traffic(polls + pings, None, None)
    up = _sum(series, "unitemate_http_received_bytes_total", POLL_ROUTE, exactly=True) / made
    down = _sum(series, "unitemate_http_sent_bytes_total", POLL_ROUTE, exactly=True) / made
    ping, pong = len(b'{"action":"ping"}') + MASKED, len(frames.encode(frames.Pong()))
    return Traffic(polls + pings, polls * up + pings * ping, polls * down + pings * pong)


def reference() -> tuple[float, float]:
    """Requests an hour of a hundred clients that poll and ping, and of a hundred that only ping: 78,000 and 6,000."""
    return 100 * polling_requests(3600), 100 * 3600 / PING


def _polls_and_pings(connected: float) -> tuple[float, float]:
    return connected / settings.POLL_INTERVAL, connected / PING


def _sum(series: Sequence[Series], figure: str, route: str | None = None, *, exactly: bool = False) -> float:
    return sum(
        one.value
        for one in series
        if one.figure == figure
        and (route is None or (one.labels["route"] == route if exactly else one.labels["route"].startswith(route)))
    )
