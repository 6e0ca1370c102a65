"""The frames of the socket: typed, closed to unknown fields, and their encoding.

Server frames whose action depends on the stream type (`queueInfo`, `user_update`, …) are
`Snapshot` and `Update` with that action; all others carry their action as the type's tag.
"""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

MAX_FRAME = 64 * 1024
"""Bytes; the WebSocket server closes with 1009 beyond it."""
MAX_STREAMS = 64
"""Streams that one `have` may name, and that one connection may hold."""

Name = Annotated[str, Meta(max_length=80)]
Text = Annotated[str, Meta(max_length=8192)]
ErrorCode = Literal["bad_request", "unknown_action", "forbidden", "not_found", "rate_limited", "too_large"]
F = TypeVar("F", bound=Struct)


def extended(frame: type[F], fields: Iterable[tuple[str, Any] | tuple[str, Any, Any]]) -> type[F]:
    """A type of frame with further fields.

    Args:
        frame: the type that has the others.
        fields: of each its name, its type, and its default where it has one.
    """
    config = frame.__struct_config__
    return msgspec.defstruct(  # type: ignore[return-value]  # it takes its bases for structs of any kind
        frame.__name__,
        fields,
        bases=(frame,),
        namespace={"__doc__": frame.__doc__},
        tag_field=config.tag_field,
        tag=config.tag,
        forbid_unknown_fields=True,
        frozen=True,
    )


# --- client to server: what stands beside `action` ------------------------------------------------


class ClientFrame(Struct, forbid_unknown_fields=True, frozen=True):
    """A frame of a client, without its action."""


class Have(Struct, forbid_unknown_fields=True, frozen=True):
    """The position that a client holds in a stream."""

    epoch: Annotated[str, Meta(max_length=64)]
    seq: Annotated[int, Meta(ge=0)]


class Authenticate(ClientFrame, frozen=True):
    """The first frame; sent again with a fresh token, it extends the session."""

    token: Text
    have: Annotated[dict[Name, Have], Meta(max_length=MAX_STREAMS)] = {}


class Ask(ClientFrame, frozen=True):
    """Is about a single stream, which the action names (`askQueueInfo`, `subscribeOperations`)."""


class About(ClientFrame, frozen=True):
    """Asks for, or gives up, the stream with this key."""


@cache
def about(key_field: str | None) -> type[ClientFrame]:
    """The type of a frame about one stream of a type, which the action names.

    Args:
        key_field: the field that says which stream (`match_id` in `subscribeMatch`); None for a single stream.
    """
    if key_field is None:
        return Ask
    return extended(About, [(key_field, Name)])


class Resync(ClientFrame, frozen=True):
    """Asks for a snapshot of a stream that this connection holds."""

    stream: Name


class Ping(ClientFrame, frozen=True):
    """Answered with `pong`."""


# --- server to client ---------------------------------------------------------------------------


class Welcome(Struct, tag_field="action", tag="welcome", forbid_unknown_fields=True, frozen=True):
    """The token was good: who the caller is, and what it will hear of.

    `now` is the server's present time, against which `expires_at` is to be read. `system_version` is the one
    that `GET /api/system` names under the same configuration.
    """

    user_id: str
    streams: list[str]
    heartbeat: float
    expires_at: float
    now: float
    system_version: str


class Snapshot(Struct, forbid_unknown_fields=True, frozen=True):
    """The whole projection of a stream; null once the stream has ended."""

    action: str
    stream: str
    epoch: str
    seq: int
    data: Any


class Update(Struct, forbid_unknown_fields=True, frozen=True):
    """What takes a stream from `prev` to `seq`: a merge patch."""

    action: str
    stream: str
    epoch: str
    seq: int
    prev: int
    changes: Any
    timestamp: float


class Heartbeat(Struct, tag_field="action", tag="heartbeat", forbid_unknown_fields=True, frozen=True):
    """Sent at a fixed interval: the link lives, and these are the heads of its streams.

    `uncertain` is true while the server cannot compare them with the database, or changes are not published:
    poll until a heartbeat comes without it.
    """

    heads: dict[str, int]
    uncertain: bool | UnsetType = UNSET


class Unsubscribed(Struct, tag_field="action", tag="unsubscribed", forbid_unknown_fields=True, frozen=True):
    """A subscription was given up, or the caller is not entitled to it any more."""

    stream: str


@cache
def unsubscribed_from(key_field: str | None) -> type[Unsubscribed]:
    """The type of an `unsubscribed` frame, which also carries the stream's key in a field of this name."""
    if key_field is None:
        return Unsubscribed
    return extended(Unsubscribed, [(key_field, str)])


class Pong(Struct, tag_field="action", tag="pong", forbid_unknown_fields=True, frozen=True):
    """The answer to `ping`."""


class Error(Struct, tag_field="action", tag="error", forbid_unknown_fields=True, frozen=True):
    """A frame could not be served; the socket stays open."""

    code: ErrorCode
    detail: str
    ref: str | None = None


PLAIN_SERVER_FRAMES = (Welcome, Heartbeat, Unsubscribed, Pong, Error)
"""Those that are not about a stream's state."""
SERVER_ACTIONS = {str(frame.__struct_config__.tag) for frame in PLAIN_SERVER_FRAMES}
CLIENT_FRAMES: dict[str, type[ClientFrame]] = {"authenticate": Authenticate, "resync": Resync, "ping": Ping}
"""The actions of clients that belong to no stream type."""

ServerFrame = Welcome | Snapshot | Update | Heartbeat | Unsubscribed | Pong | Error

_encoder = msgspec.json.Encoder()


def encode(frame: ServerFrame) -> bytes:
    """Encode a server frame, once for however many connections.

    Returns:
        The finished WebSocket text frame (RFC 6455, section 5.2): unmasked, as a server sends it.
    """
    text = _encoder.encode(frame)
    size = len(text)
    if size < 126:
        header = bytes((0x81, size))
    elif size < 65536:
        header = b"\x81\x7e" + size.to_bytes(2, "big")
    else:
        header = b"\x81\x7f" + size.to_bytes(8, "big")
    return header + text


def payload(finished: bytes) -> bytes:
    """The text, in UTF-8, of a frame that `encode` has finished."""
    return finished[{126: 4, 127: 10}.get(finished[1], 2) :]


class BadFrame(Exception):
    """A client frame that cannot be understood.

    Attributes:
        code: what goes into the `error` frame.
        ref: the action it names, if it could be read.
    """

    def __init__(self, code: ErrorCode, detail: str, ref: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.ref = code, detail, ref


def decode(text: str | bytes) -> tuple[str, dict[str, Any]]:
    """Read a client frame as far as its action.

    Returns:
        The action and the whole frame.

    Raises:
        BadFrame: it is no JSON object with an `action`.
    """
    try:
        frame = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadFrame("bad_request", "The frame is not JSON.") from error
    if not isinstance(frame, dict):
        raise BadFrame("bad_request", "A frame is a JSON object.")
    action = frame.get("action")
    if not isinstance(action, str) or not action:
        raise BadFrame("bad_request", "A frame needs an action.")
    return action[:64], frame


def read(frame: dict[str, Any], form: type[F], action: str) -> F:
    """Read a decoded client frame as a typed one.

    Args:
        frame: what `decode` returned.
        form: the type of the fields beside `action`.
        action: what to name in the error.

    Raises:
        BadFrame: a field is missing, unknown, or of a wrong form.
    """
    fields = {key: value for key, value in frame.items() if key != "action"}
    try:
        return msgspec.convert(fields, form)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFrame("bad_request", str(error)[:200], action) from error
