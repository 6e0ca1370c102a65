"""Declaring streams: what an application tells `realtime` about a piece of state that clients mirror.

A *kind* of stream is declared once; a *stream* is one instance of it, named `queue` (a kind with a
single instance) or `match_<key>`. The application that declares a kind, and any application above
it, contributes *parts* of its projection::

    USER = declare("user", snapshot="userInfo", update="user_update", audience=Audience.OWNER)

    @USER.part
    def profile(keys):
        return {user.user_id: {"trainer_name": user.trainer_name} for user in User.objects.filter(pk__in=keys)}

A part is a function of *committed rows only*: a clock or a random number in it would be a change
that no mark announces. `docs/architecture.md` has the way of one change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.conf import settings

from realtime.identity import Identity

Document = dict[str, Any]
"""A projection: JSON data whose objects have string keys."""

Part = Callable[[Collection[str]], Mapping[str, Document]]
Spread = Callable[[Collection[str]], Iterable[str]]
Grant = Callable[[Document], Iterable[str]]
Annotation = Callable[[Document, Document], Document]
Admission = Callable[[Identity, Collection[str]], Collection[str]]
Retention = Callable[[Identity, Document], bool]
Identification = Callable[[Identity, Document], Identity]


ASK, SUBSCRIBE, UNSUBSCRIBE = "ask{}Info", "subscribe{}", "unsubscribe{}"
"""What clients call the actions of a kind; its name goes in with a capital."""


class Audience(Enum):
    """Who is entitled to a stream."""

    EVERYONE = "every connection"
    OWNER = "the connections of the owner whose id is the stream's key"
    ADMITTED = "those that the type's `admits` lets in"


@dataclass
class StreamType:
    """A stream type. Made by `declare`; the decorators below add to it."""

    name: str
    snapshot: str
    update: str
    audience: Audience
    single: bool
    parts: list[Part] = field(default_factory=list)
    spreads_to: list[Spread] = field(default_factory=list)
    grants: Grant | None = None
    granted_action: str | None = None
    annotate: Annotation | None = None
    admit: Admission | None = None
    retain: Retention | None = None
    identify: Identification | None = None

    def stream(self, key: str = "") -> str:
        """The name of the stream with this key, which is also its channel-layer group."""
        return self.name if self.single else f"{self.name}_{key}"

    def key(self, stream: str) -> str:
        """The key in a stream's name; the empty string for a single stream."""
        return "" if self.single else stream[len(self.name) + 1 :]

    @property
    def is_pushed(self) -> bool:
        """Whether the operator has left pushing of this kind on (`REALTIME_<KIND>_PUSH`)."""
        return bool(settings.REALTIME_PUSH.get(self.name, True))

    @property
    def is_followed(self) -> bool:
        """Whether server processes must hear of its changes: an owner's stream says also what the owner may see."""
        return self.is_pushed or self.audience is Audience.OWNER

    def part(self, function: Part) -> Part:
        """Decorator: `function(keys)` returns {key: fields} for the keys that it knows.

        The first part decides what exists: a key that it leaves out has no projection, and a
        stream that had one ends (its owner's connections are closed). A single stream has
        the key "". Fields that are None are left out of the projection.
        """
        self.parts.append(function)
        return function

    def spreads(self, function: Spread) -> Spread:
        """Decorator: `function(keys)` names further streams to look at when these keys are marked.

        For state that is shown in more than one stream, such as a player's name in a match.
        """
        self.spreads_to.append(function)
        return function

    def grant(self, action: str) -> Callable[[Grant], Grant]:
        """Decorator: `function(document)` names streams that this stream's holder is given as well.

        Args:
            action: what the first snapshot of such a stream is called when it is newly given.
        """

        def register(function: Grant) -> Grant:
            self.grants, self.granted_action = function, action
            return function

        return register

    def annotates(self, function: Annotation) -> Annotation:
        """Decorator: `function(changes, document)` returns further fields for an update's frame."""
        self.annotate = function
        return function

    def admits(self, function: Admission) -> Admission:
        """Decorator: `function(identity, keys)` returns those that the caller may subscribe to (called in a thread)."""
        self.admit = function
        return function

    def retains(self, function: Retention) -> Retention:
        """Decorator: `function(identity, document)` says whether a subscriber may keep the stream.

        It is asked of the newest document before that goes out, on the event loop: no database in it.
        """
        self.retain = function
        return function

    def identifies(self, function: Identification) -> Identification:
        """Decorator: `function(identity, document)` returns the identity as an owner's own stream now has it.

        So what a connection is entitled to follows what becomes of its owner. It is called on the
        event loop: no database in it.
        """
        self.identify = function
        return function

    def project(self, keys: Collection[str]) -> dict[str, Document | None]:
        """Read the projections of these keys from the database; None where there is none."""
        first, *others = self.parts
        documents: dict[str, Document | None] = dict.fromkeys(keys)
        found = {key: dict(fields) for key, fields in first(keys).items()}
        for part in others:
            for key, fields in part(found.keys()).items():
                found[key].update(fields)
        documents.update({key: without_nulls(document) for key, document in found.items()})
        return documents


STREAM_TYPES: dict[str, StreamType] = {}


def declare(name: str, *, snapshot: str, update: str, audience: Audience, single: bool = False) -> StreamType:
    """Declare a stream type.

    Args:
        name: the stream's name, or its prefix where it has keys (`match` for `match_<key>`).
        snapshot: the action of a frame that carries the whole projection.
        update: the action of a frame that carries changes.
        audience: who is entitled to it.
        single: whether there is just one stream of this kind, without a key.

    Raises:
        ValueError: the name is taken.
    """
    if name in STREAM_TYPES:
        raise ValueError(f"stream kind {name!r} is declared twice")
    stream_type = STREAM_TYPES[name] = StreamType(name, snapshot, update, audience, single)
    return stream_type


def stream_type_of(stream: str) -> StreamType | None:
    """The type that a stream's name belongs to, or None for a name of no declared type."""
    stream_type = STREAM_TYPES.get(stream)
    if stream_type is not None:
        return stream_type if stream_type.single else None
    prefix, separator, key = stream.partition("_")
    stream_type = STREAM_TYPES.get(prefix)
    return stream_type if stream_type is not None and separator and key and not stream_type.single else None


def without_nulls(document: Any) -> Any:
    """The document without members that are None: in a merge patch null and absent mean the same."""
    if isinstance(document, dict):
        return {key: without_nulls(value) for key, value in document.items() if value is not None}
    return document
