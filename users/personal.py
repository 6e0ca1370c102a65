"""Personal data: exporting what is kept about a player, and deleting it with the account.

Each application declares its sections of the exported document, and what it deletes::

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


class Section(NamedTuple):
    """One section of the exported document.

    Attributes:
        serializer: writes what `read` returns: rows, one row or None.
        read: called with the account.
        many: whether it returns any number of rows.
    """

    serializer: type[serializers.BaseSerializer]
    read: Read
    many: bool


SECTIONS: dict[str, Section] = {}
_forgets: list[Forget] = []


def exports(name: str, serializer: type[serializers.BaseSerializer], *, many: bool = False) -> Callable[[Read], Read]:
    """Decorator: `function(user)` reads one section of a player's data. Other players appear in it only by public id.

    Args:
        name: the member of the exported document.
        serializer: writes the section, and describes it in the OpenAPI document.
        many: whether the function returns any number of rows.
    """

    def register(function: Read) -> Read:
        SECTIONS[name] = Section(serializer, function, many)
        return function

    return register


def forgets(function: Forget) -> Forget:
    """Decorator: `function(user, now)` deletes what identifies a player, or raises a conflict to refuse.

    It is called in the transaction that deletes the account, with the account locked.
    """
    _forgets.append(function)
    return function


def forget(user: User, now: datetime) -> None:
    """Have all applications delete what identifies a player.

    Raises:
        rest_framework.exceptions.APIException: the first refusal.
    """
    for function in _forgets:
        function(user, now)


def export(user: User) -> dict[str, Any]:
    """All data kept about a player, by section."""
    document = {}
    for name, section in SECTIONS.items():
        kept = section.read(user)
        document[name] = None if kept is None else section.serializer(kept, many=section.many).data
    return document


def file_of(user_id: str) -> dict[str, str]:
    """Headers that make a browser save the exported document as a file."""
    return {"Content-Disposition": f'attachment; filename="unitemate-account-{user_id}.json"'}


def digest(subject: str) -> str:
    """The keyed digest of a deleted account's subject: 64 hexadecimal digits.

    It recognises the person at a later sign-in. Without `SECRET_KEY` it says nothing about them.
    """
    key = hmac.new(settings.SECRET_KEY.encode(), b"unitemate deleted accounts", hashlib.sha256).digest()
    return hmac.new(key, subject.encode(), hashlib.sha256).hexdigest()
