"""The frames of the socket, as types, and their encoding. Unknown fields are refused.

The action of a `Snapshot` or an `Update` depends on the stream type (`queueInfo`, `user_update`, …). Every other server
frame has its action as the type's tag.
"""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

MAX_FRAME = 64 * 1024
"""Bytes of a client's frame. The WebSocket server closes with 1009 if there are more."""
MAX_STREAMS = 64
"""Streams that a `have` may name, and that a connection may join."""

Name = Annotated[str, Meta(max_length=80)]
Text = Annotated[str, Meta(max_length=8192)]
ErrorCode = Literal["bad_request", "unknown_action", "forbidden", "not_found", "rate_limited", "too_large"]
F = TypeVar("F", bound=Struct)


def extended(frame: type[F], fields: Iterable[tuple[str, Any] | tuple[str, Any, Any]]) -> type[F]:
    """Make a type of frame with further fields.

    Args:
        frame: the type to extend.
        fields: the name and the type of each field, and its default if it has one.
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
    """A request about the only stream of a type, which the action names (`askQueueInfo`, `subscribeOperations`)."""


class About(ClientFrame, frozen=True):
    """A request about the stream with a key."""


@cache
def about(key_field: str | None) -> type[ClientFrame]:
    """The type of a client's frame about a stream.

    Args:
        key_field: the field with the stream's key (`match_id` in `subscribeMatch`); None for a type with one stream.
    """
    if key_field is None:
        return Ask
    return extended(About, [(key_field, Name)])


class Resync(ClientFrame, frozen=True):
    """A request for a snapshot of a stream that the connection has joined."""

    stream: Name


class Ping(ClientFrame, frozen=True):
    """A request for `pong`."""


# --- server to client ---------------------------------------------------------------------------


class Welcome(Struct, tag_field="action", tag="welcome", forbid_unknown_fields=True, frozen=True):
    """The answer to a valid token: the owner's id, and the streams that the client will be sent.

    `now` is the server's time; clients compare `expires_at` with it. `system_version` is the version of the
    configuration, as in `GET /api/system`.
    """

    user_id: str
    streams: list[str]
    heartbeat: float
    expires_at: float
    now: float
    system_version: str


class Snapshot(Struct, forbid_unknown_fields=True, frozen=True):
    """The whole projection of a stream; null if the stream has ended."""

    action: str
    stream: str
    epoch: str
    seq: int
    data: Any


class Update(Struct, forbid_unknown_fields=True, frozen=True):
    """A merge patch that takes a stream from `prev` to `seq`."""

    action: str
    stream: str
    epoch: str
    seq: int
    prev: int
    changes: Any
    timestamp: float


class Heartbeat(Struct, tag_field="action", tag="heartbeat", forbid_unknown_fields=True, frozen=True):
    """The heads of the client's streams, sent at a fixed interval. It also shows that the link lives.

    `uncertain` is true while the server cannot compare its state with the database, or while changes wait to be
    published. Until a heartbeat comes without it, clients poll.
    """

    heads: dict[str, int]
    uncertain: bool | UnsetType = UNSET


class Unsubscribed(Struct, tag_field="action", tag="unsubscribed", forbid_unknown_fields=True, frozen=True):
    """A membership has ended: the client gave it up, or is not entitled to it any more."""

    stream: str


@cache
def unsubscribed_from(key_field: str | None) -> type[Unsubscribed]:
    """The type of an `unsubscribed` frame that has the stream's key in a field of this name."""
    if key_field is None:
        return Unsubscribed
    return extended(Unsubscribed, [(key_field, str)])


class Pong(Struct, tag_field="action", tag="pong", forbid_unknown_fields=True, frozen=True):
    """The answer to `ping`."""


class Error(Struct, tag_field="action", tag="error", forbid_unknown_fields=True, frozen=True):
    """The refusal of a client's frame. The connection stays open."""

    code: ErrorCode
    detail: str
    ref: str | None = None


PLAIN_SERVER_FRAMES = (Welcome, Heartbeat, Unsubscribed, Pong, Error)
"""The server frames without a stream's state."""
SERVER_ACTIONS = {str(frame.__struct_config__.tag) for frame in PLAIN_SERVER_FRAMES}
CLIENT_FRAMES: dict[str, type[ClientFrame]] = {"authenticate": Authenticate, "resync": Resync, "ping": Ping}
"""The client frames that are about no stream type, by action."""

ServerFrame = Welcome | Snapshot | Update | Heartbeat | Unsubscribed | Pong | Error

_encoder = msgspec.json.Encoder()


def encode(frame: ServerFrame) -> bytes:
    """Encode a server frame. One encoding serves all connections.

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
    """The UTF-8 text in a frame that `encode` has made."""
    return finished[{126: 4, 127: 10}.get(finished[1], 2) :]


class BadFrame(Exception):
    """A client frame that cannot be understood.

    Attributes:
        code, detail: the fields of the `error` frame.
        ref: the client frame's action, if it could be read.
    """

    def __init__(self, code: ErrorCode, detail: str, ref: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.ref = code, detail, ref


def decode(text: str | bytes) -> tuple[str, dict[str, Any]]:
    """Read a client frame's action.

    Returns:
        The action and the whole frame.

    Raises:
        BadFrame: the text is not a JSON object with an `action`.
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
    """Convert a decoded client frame to its type.

    Args:
        frame: the frame from `decode`.
        form: the type, whose fields stand beside `action`.
        action: the action, for the error.

    Raises:
        BadFrame: a field is missing, unknown, or malformed.
    """
    fields = {key: value for key, value in frame.items() if key != "action"}
    try:
        return msgspec.convert(fields, form)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadFrame("bad_request", str(error)[:200], action) from error
