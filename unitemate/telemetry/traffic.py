"""The traffic of clients, compared with polling for the same time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from realtime.protocol import frames
from realtime.telemetry.summary import Series

PING = 60.0
"""Seconds between the pings of a polling client, as the predecessor's page sent them."""
POLL_ROUTE = "api/queue"
"""The route that such a client polls."""
MASKED = 6
"""Bytes of a short client frame's header and mask."""


@dataclass(frozen=True)
class Traffic:
    """The traffic of clients.

    Attributes:
        requests: requests to the API, handshakes of sockets and frames of clients.
        up, down: bytes to and from the server; None if they cannot be estimated.
    """

    requests: float
    up: float | None
    down: float | None

    def of_hundred(self, connected: float) -> "Traffic":
        """The traffic of an hour of a hundred clients.

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
    """The counted traffic of clients: requests to the API and sockets, without the page's files."""
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
    """The traffic of the same clients, had they polled every `POLL_INTERVAL` and sent a ping each minute.

    A poll is assumed to cost as much as the average counted request for the queue. If there was none, the
    bytes are unknown.
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
        if one.instrument == figure
        and (route is None or (one.labels["route"] == route if exactly else one.labels["route"].startswith(route)))
    )
