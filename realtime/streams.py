"""Declaring streams: what an application tells `realtime` about a piece of state that clients mirror.

A *stream type* is declared once. A *stream* is one instance of it: `queue` (of a type with a single
instance), or `match_<key>`. The application that declares a type, and any application above it,
contributes to its projection::

    USER = declare("user", key="user_id", audience=Audience.OWNER)

    class Profile(Struct):
        trainer_name: Public[str]  # from `realtime.schemas`

    @USER.contributes(Profile)
    def profile(keys):
        return {user.user_id: {"trainer_name": user.trainer_name} for user in User.objects.filter(pk__in=keys)}

    watch(User, "user_{user_id}")  # from `realtime.triggers`: when to look again

A contribution reads *committed rows only*. If it used a clock or a random number, the projection would change
without a write, and nothing would be published. `manage.py check` refuses declarations that cannot work.
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import msgspec
from django.conf import settings
from msgspec import Struct

from realtime.identity import Identity
from realtime.protocol import frames
from realtime.schemas import combined

Document = dict[str, Any]
"""A projection: JSON data whose objects have string keys."""

Read = Callable[[Collection[str]], Mapping[str, Document]]
Affected = Callable[[Collection[str]], Iterable[str]]
Subscribed = Callable[[Document], Iterable[str]]
Extras = Callable[[Document, Document], Struct]
Admission = Callable[[Identity, Collection[str]], Collection[str]]
Stay = Callable[[Identity, Document], bool]
Refresh = Callable[[Identity, Document], Identity]
F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R", bound=Read)

NAME = re.compile(r"[a-z]+")
KEY = re.compile(r"[a-z][a-z_]*")


class Audience(Enum):
    """Who is entitled to a stream."""

    EVERYONE = "every connection"
    OWNER = "the connections of the owner whose id is the stream's key"
    ADMITTED = "those that the type's `admits` lets in"


class Verb(Enum):
    """What a client can ask for by an action of a stream type; the value is the action's form."""

    ASK = "ask{}Info"
    SUBSCRIBE = "subscribe{}"
    UNSUBSCRIBE = "unsubscribe{}"


class ClientAction(NamedTuple):
    """An action that clients send about streams of one type.

    Attributes:
        verb: what it asks for.
        stream_type: of which type.
        frame: the fields beside `action`.
    """

    verb: Verb
    stream_type: "StreamType"
    frame: type[frames.ClientFrame]


class Contribution(NamedTuple):
    """A part of a projection.

    Attributes:
        read: reads it from the database.
        fields: the Struct of its fields, or a function that returns it.
    """

    read: Read
    fields: type[Struct] | Callable[[], type[Struct]]

    @property
    def struct(self) -> type[Struct]:
        """The Struct of its fields."""
        return self.fields if isinstance(self.fields, type) else self.fields()


@dataclass(eq=False)
class StreamType:
    """A type of streams. Made by `declare`; the decorators below add to it.

    Attributes:
        name: the name of its only stream, or the prefix of its streams' names.
        key_field: the field that carries a stream's key in frames; None where there is a single stream.
        audience: who is entitled to its streams.
        snapshot: the action of a frame that carries a whole projection.
        update: the action of a frame that carries changes.
        found: the action of a snapshot that a connection is given because of another stream's change.
        update_frame: the type of a frame that carries changes, with what `update_extras` adds.
    """

    name: str
    key_field: str | None
    audience: Audience
    snapshot: str
    update: str
    found: str
    update_frame: type[frames.Update] = frames.Update
    contributions: list[Contribution] = field(default_factory=list)
    affected: list[Affected] = field(default_factory=list)
    subscribed: list[Subscribed] = field(default_factory=list)
    extras: Extras | None = None
    admission: Admission | None = None
    stay: Stay | None = None
    refresh: Refresh | None = None

    @property
    def is_single(self) -> bool:
        """Whether there is just one stream of this type, without a key."""
        return self.key_field is None

    def stream(self, key: str = "") -> str:
        """The name of the stream with this key, which is also its channel-layer group."""
        return self.name if self.is_single else f"{self.name}_{key}"

    def key_of(self, stream: str) -> str:
        """The key in a stream's name; the empty string for a single stream."""
        return "" if self.is_single else stream[len(self.name) + 1 :]

    @property
    def is_pushed(self) -> bool:
        """Whether streams of this type are pushed. The operator can switch that off (`REALTIME_<NAME>_PUSH`)."""
        return bool(settings.REALTIME_PUSH.get(self.name, True))

    @property
    def is_followed(self) -> bool:
        """Whether server processes subscribe to the streams. An owner's stream also decides what the owner may see."""
        return self.is_pushed or self.audience is Audience.OWNER

    @cached_property
    def document(self) -> type[Struct]:
        """The Struct of a projection: the fields of all contributions, under the name of the first."""
        return combined([contribution.struct for contribution in self.contributions])

    def contributes(self, fields: type[Struct] | Callable[[], type[Struct]]) -> Callable[[R], R]:
        """Decorator: `function(keys)` returns {key: fields} for the keys that it knows.

        The first contribution decides what exists. A key that it leaves out has no projection, and a
        stream that had one ends (its owner's connections are closed). A single stream has
        the key "". Fields that are None are left out of the projection.

        Args:
            fields: the Struct of the fields (`realtime.schemas`). A function without arguments may return it,
                where the fields are known only after all applications are loaded.

        Raises:
            TypeError: the fields are not named.
        """
        is_struct = isinstance(fields, type) and issubclass(fields, Struct)
        is_deferred = not isinstance(fields, type) and not inspect.signature(fields).parameters
        if not (is_struct or is_deferred):
            raise TypeError(f"stream type {self.name!r}: a contribution names the Struct of its fields")

        def add(function: R) -> R:
            self.contributions.append(Contribution(function, fields))
            self.__dict__.pop("document", None)
            return function

        return add

    def also_affects(self, function: Affected) -> Affected:
        """Decorator: `function(keys)` names further streams that are dirty when streams with these keys are.

        For state that is shown in more than one stream, such as a player's name in a match.
        """
        self.affected.append(function)
        return function

    def auto_subscribes(self, function: Subscribed) -> Subscribed:
        """Decorator: `function(document)` names streams that the members of this stream join as well."""
        self.subscribed.append(function)
        return function

    def update_extras(self, extras: type[Struct]) -> Callable[[Extras], Extras]:
        """Decorator: `function(changes, document)` returns further fields for an update's frame.

        Args:
            extras: the Struct that the function returns. Its fields are added to those of every update.

        Raises:
            ValueError: a field has the name of one that every update has, or the type has such a function already.
        """
        taken = {each.name for each in msgspec.structs.fields(frames.Update)}
        fields = msgspec.structs.fields(extras)
        if clash := sorted(taken & {each.name for each in fields}):
            raise ValueError(f"stream type {self.name!r}: every update has the field {clash[0]!r}")
        # The update that ends a stream does not have these fields.
        optional = [(each.name, each.type | msgspec.UnsetType, msgspec.UNSET) for each in fields]
        self.update_frame = frames.extended(frames.Update, optional)
        return lambda function: self._set("extras", function)

    def admits(self, function: Admission) -> Admission:
        """Decorator: `function(identity, keys)` returns those keys that the caller may subscribe to.

        It is called in a thread, and may use the database.

        Raises:
            ValueError: the type has such a function already.
        """
        return self._set("admission", function)

    def may_stay(self, function: Stay) -> Stay:
        """Decorator: `function(identity, document)` says whether a member may stay a member.

        It is called for each document before that is sent. It is called on the event loop, so it must not use the
        database.

        Raises:
            ValueError: the type has such a function already.
        """
        return self._set("stay", function)

    def refresh_identity(self, function: Refresh) -> Refresh:
        """Decorator: `function(identity, document)` returns the identity that follows from the owner's own stream.

        So a connection's entitlements follow its owner's account. It is called on the event loop, so it must not use
        the database.

        Raises:
            ValueError: the type has such a function already.
        """
        return self._set("refresh", function)

    def project(self, keys: Collection[str]) -> dict[str, Document | None]:
        """Read the projections of keys from the database; None for a key without a projection."""
        first, *others = self.contributions
        documents: dict[str, Document | None] = dict.fromkeys(keys)
        found = {key: dict(fields) for key, fields in first.read(keys).items()}
        for contribution in others:
            for key, fields in contribution.read(found.keys()).items():
                found[key].update(fields)
        documents.update({key: without_nulls(document) for key, document in found.items()})
        return documents

    def _set(self, attribute: str, function: F) -> F:
        if getattr(self, attribute) is not None:
            raise ValueError(f"stream type {self.name!r}: {attribute} is set twice")
        setattr(self, attribute, function)
        return function


STREAM_TYPES: dict[str, StreamType] = {}
"""Every declared type by its name."""
CLIENT_ACTIONS: dict[str, ClientAction] = {}
"""Every action that clients send about streams, by its name."""


def declare(
    name: str,
    *,
    audience: Audience,
    key: str | None = None,
    snapshot: str | None = None,
    update: str | None = None,
    found: str | None = None,
) -> StreamType:
    """Declare a stream type.

    Args:
        name: lower-case letters: the stream's name, or its prefix where it has keys (`match` for `match_<key>`).
        audience: who is entitled to it.
        key: the field that carries a stream's key in frames (`match_id`); None for a type with a single stream.
        snapshot: the action of a frame that carries the whole projection; `<name>Info` by default.
        update: the action of a frame that carries changes; `<name>Update` by default.
        found: the action of a snapshot that is sent because of another stream's change; `snapshot` by default.

    Raises:
        ValueError: the name or an action is taken, a name is malformed, or audience and key contradict each other.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"stream type {name!r}: a name is lower-case letters, since `_` parts it from the key")
    if name in STREAM_TYPES:
        raise ValueError(f"stream type {name!r} is declared twice")
    if key is not None and (not KEY.fullmatch(key) or key in ("action", "stream")):
        raise ValueError(f"stream type {name!r}: {key!r} cannot be the field of a key")
    if audience is Audience.OWNER and key is None:
        raise ValueError(f"stream type {name!r}: an owner's stream has the owner's id as its key")
    if audience is Audience.EVERYONE and key is not None:
        raise ValueError(f"stream type {name!r}: everyone is given one stream, which has no key")
    snapshot = snapshot or f"{name}Info"
    stream_type = StreamType(name, key, audience, snapshot, update or f"{name}Update", found or snapshot)
    actions = dict(_client_actions(stream_type))
    taken = {action for other in STREAM_TYPES.values() for action in _server_actions(other)} | frames.SERVER_ACTIONS
    if clash := (taken & _server_actions(stream_type)) | (actions.keys() & CLIENT_ACTIONS.keys()):
        raise ValueError(f"stream type {name!r}: the action {min(clash)!r} is taken")
    STREAM_TYPES[name] = stream_type
    CLIENT_ACTIONS.update(actions)
    return stream_type


def stream_type_of(stream: str) -> StreamType | None:
    """The type that a stream's name belongs to, or None for a name of no declared type."""
    stream_type = STREAM_TYPES.get(stream)
    if stream_type is not None:
        return stream_type if stream_type.is_single else None
    prefix, separator, key = stream.partition("_")
    stream_type = STREAM_TYPES.get(prefix)
    return stream_type if stream_type is not None and separator and key and not stream_type.is_single else None


def _server_actions(stream_type: StreamType) -> set[str]:
    """The actions of the frames that carry streams of a type."""
    return {stream_type.snapshot, stream_type.update, stream_type.found}


def _client_actions(stream_type: StreamType) -> Iterator[tuple[str, ClientAction]]:
    title, frame = stream_type.name.capitalize(), frames.about(stream_type.key_field)
    if stream_type.is_single:
        yield Verb.ASK.value.format(title), ClientAction(Verb.ASK, stream_type, frame)
    if stream_type.audience is Audience.ADMITTED:
        for verb in (Verb.SUBSCRIBE, Verb.UNSUBSCRIBE):
            yield verb.value.format(title), ClientAction(verb, stream_type, frame)


def without_nulls(document: Any) -> Any:
    """The document without members that are None: in a merge patch null and absent mean the same."""
    if isinstance(document, dict):
        return {key: without_nulls(value) for key, value in document.items() if value is not None}
    return document
