"""Personal data: handing out what is kept of a player, and forgetting it, in the applications above as well.

Each part of the document is declared, by this application and those above it::

    @exports("queue", ExportedEntry)
    def entry(user):
        return Entry.objects.filter(user=user).first()

    @forgets
    def leave(user, now):
        entry_delete(user_id=user.user_id, now=now)
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from rest_framework import serializers

from users.models import User

Read = Callable[[User], Any]
Forget = Callable[[User, datetime], None]


class Part(NamedTuple):
    """One member of the exported document.

    Attributes:
        serializer: writes what `read` returns: rows, one row or None.
        read: called with the account.
        many: whether it returns any number of rows.
    """

    serializer: type[serializers.BaseSerializer]
    read: Read
    many: bool


PARTS: dict[str, Part] = {}
_forgets: list[Forget] = []


def exports(name: str, serializer: type[serializers.BaseSerializer], *, many: bool = False) -> Callable[[Read], Read]:
    """Decorator: `function(user)` reads what is kept of this player under that name, and of nobody else but by id.

    Args:
        name: the member of the exported document.
        serializer: what it looks like, for the document and for its description.
        many: whether the function returns any number of rows.
    """

    def register(function: Read) -> Read:
        PARTS[name] = Part(serializer, function, many)
        return function

    return register


def forgets(function: Forget) -> Forget:
    """Decorator: `function(user, now)` removes what says who a player was, or refuses by raising a conflict.

    It is called in the transaction of the deletion, with the account locked.
    """
    _forgets.append(function)
    return function


def forget(user: User, now: datetime) -> None:
    """Have all applications forget who a player was.

    Raises:
        rest_framework.exceptions.APIException: what the first that refuses raises.
    """
    for function in _forgets:
        function(user, now)


def export(user: User) -> dict[str, Any]:
    """All that is kept of a player, by part."""
    document = {}
    for name, part in PARTS.items():
        kept = part.read(user)
        document[name] = None if kept is None else part.serializer(kept, many=part.many).data
    return document


def file_of(user_id: str) -> dict[str, str]:
    """The headers under which browsers keep an exported document."""
    return {"Content-Disposition": f'attachment; filename="unitemate-account-{user_id}.json"'}


def digest(subject: str) -> str:
    """What may be remembered of a subject whose account is deleted: 64 hexadecimal digits.

    It recognises the subject when that comes back, and without `SECRET_KEY` says nothing about it.
    """
    key = hmac.new(settings.SECRET_KEY.encode(), b"unitemate deleted accounts", hashlib.sha256).digest()
    return hmac.new(key, subject.encode(), hashlib.sha256).hexdigest()
