"""The metrics of `realtime`: connections, frames, publishing.

Labels have stream types and actions as values, never a stream's key or a person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Max, Min
from django.db.models.functions import Now

from realtime.database import clock
from realtime.models import DirtyStream, Worker
from realtime.protocol import close_codes, frames
from realtime.streams import CLIENT_ACTIONS, STREAM_TYPES, stream_type_of
from realtime.telemetry import multiprocess
from realtime.telemetry.instruments import LabelValues, counter, gauge, histogram, observable_gauge

CONNECTIONS = gauge("unitemate_connections", "Sockets that are open now.")
OPENED = counter("unitemate_connections_opened_total", "Sockets that were accepted.")
CLOSED = counter("unitemate_connections_closed_total", "Sockets that have ended, by close code.", "code")
CONNECTED = counter("unitemate_connected_seconds_total", "Seconds that authenticated sockets have been open, together.")
STREAMS = gauge("unitemate_streams", "Streams that processes mirror, each process's counted.", "kind")
MEMBERS = gauge("unitemate_stream_members", "Sockets that hold a stream, counted for each that they hold.", "kind")

CLIENT_FRAMES = counter("unitemate_client_frames_total", "Frames that clients sent.", "action")
CLIENT_BYTES = counter("unitemate_client_bytes_total", "Bytes of the frames that clients sent.", "action")
SENT_FRAMES = counter("unitemate_sent_frames_total", "Frames sent to clients, each socket's counted.", "kind", "action")
SENT_BYTES = counter("unitemate_sent_bytes_total", "Bytes of the frames sent to clients.", "kind", "action")

PUBLISHED = counter("unitemate_published_total", "Changes of streams that were published.", "kind")
PUBLISH_SECONDS = histogram(
    "unitemate_publish_seconds", "From the write of a change to the end of its publishing.", "kind"
)
PUSH_SECONDS = histogram(
    "unitemate_push_seconds", "From publishing a change to handing it to the sockets of a process.", "kind"
)
PUBLISH_FAILURES = counter("unitemate_publish_failures_total", "Attempts to publish that failed; they are repeated.")
MERGED = counter("unitemate_merged_total", "Changes that went out as one with a later one.", "kind", "cause")
BEHIND = counter("unitemate_behind_total", "Sockets whose link was full when a frame was due.", "kind")
GAPS = counter("unitemate_gaps_total", "Updates that did not follow on what the process held.", "kind")
REPAIRS = counter("unitemate_repairs_total", "Streams that a process read anew since it had missed something.", "kind")
LAYER_FAILURES = counter("unitemate_layer_failures_total", "Calls of the channel layer that failed.", "operation")

NO_TYPE = "none"
"""The label of frames that belong to no stream."""
UNNAMED = "unnamed"
"""The label of workers without a release name (`RELEASE`)."""
CODES = {str(close.code) for close in close_codes.ALL} | {"1000", "1001", "1002", "1005", "1006", "1007", "1011"}


def header_size(headers: Iterable[tuple[str, str] | tuple[bytes, bytes]]) -> int:
    """The size of HTTP headers in bytes: each field with its colon, space and end of line."""
    return sum(len(name) + len(value) + 4 for name, value in headers)


def opened(size: int) -> None:
    """Count a connection that was accepted.

    Args:
        size: the size of the handshake's headers in bytes.
    """
    OPENED.labels().inc()
    CONNECTIONS.labels().inc()
    CLIENT_BYTES.labels("handshake").inc(size)


def closed(code: int | None) -> None:
    """Count the end of an accepted connection."""
    CONNECTIONS.labels().dec()
    CLOSED.labels(str(code) if str(code) in CODES else "other").inc()


def mirrored(streams: Iterable[tuple[str, int]]) -> None:
    """Set the gauges of mirrored streams and their members.

    Args:
        streams: the stream type and the number of members of every stream of this process.
    """
    numbers: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for kind, sockets in streams:
        numbers[kind] += 1
        members[kind] += sockets
    for name in STREAM_TYPES:
        STREAMS.labels(name).set(numbers[name])
        MEMBERS.labels(name).set(members[name])


def received(action: str | None, size: int) -> None:
    """Count a client's frame.

    Args:
        action: the frame's action; None if it could not be read.
        size: the frame's characters.
    """
    known = action if action in frames.CLIENT_FRAMES or action in CLIENT_ACTIONS else "unknown"
    CLIENT_FRAMES.labels(known).inc()
    CLIENT_BYTES.labels(known).inc(size)


def sent(kind: str, action: str, size: int, sockets: int = 1) -> None:
    """Count a frame that was sent.

    Args:
        kind: the stream type's name, or `NO_TYPE`.
        action: the frame's action.
        size: the frame's bytes.
        sockets: the number of connections that it went to.
    """
    if sockets:
        SENT_FRAMES.labels(kind, action).inc(sockets)
        SENT_BYTES.labels(kind, action).inc(size * sockets)


def published(streams: Iterable[str], marks: Iterable[tuple[int, str, datetime]]) -> None:
    """Count changes that were published, and observe how long they took.

    Args:
        streams: the stream of each change.
        marks: the dirty rows that were taken, oldest first: id, stream, and time.
    """
    now = clock.now()  # by the database's clock, as the rows' times
    marked: dict[str, datetime] = {}
    for _, stream, at in marks:
        marked.setdefault(stream, at)
    for stream in streams:
        kind = type_label(stream)
        PUBLISHED.labels(kind).inc()
        if stream in marked:
            age = now - marked[stream]
            PUBLISH_SECONDS.labels(kind).observe(max(0.0, age.total_seconds()))


def type_label(stream: str) -> str:
    """The name of a stream's type, as the value of a label."""
    kind = stream_type_of(stream)
    return kind.name if kind is not None else NO_TYPE


@observable_gauge("unitemate_outbox_marks", "Dirty streams that wait to be published.")
def dirty_streams() -> float:
    return float(DirtyStream.objects.aggregate(number=Count("pk"))["number"])


def outbox_lag() -> float:
    """The age of the oldest dirty stream, in seconds; 0 if there is none."""
    oldest, now = DirtyStream.objects.aggregate(oldest=Min("marked_at"), now=Max(Now())).values()
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0


observable_gauge("unitemate_outbox_lag_seconds", "How long the oldest of these dirty streams has waited.")(outbox_lag)


@observable_gauge("unitemate_processes", "Processes of this machine that count and live.")
def processes() -> float:
    return float(len(multiprocess.folder().running()))


@observable_gauge("unitemate_workers", "Server processes whose lease runs.", "state", "release")
def workers() -> Mapping[LabelValues, float]:
    running = Worker.objects.filter(expires_at__gte=Now())
    found = running.values_list("draining", "release").annotate(Count("pk")).order_by()
    return {
        ("draining" if draining else "serving", release or UNNAMED): float(number)
        for draining, release, number in found
    }
