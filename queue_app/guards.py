"""What keeps a player out of the queue, or in it, some of which only applications above this one know.

Each guard says what it must know of the account, and all of that is read at once, in the transaction
of the join or leave, after the account has been locked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, CharField, DateTimeField, Exists, ExpressionWrapper, OuterRef
from django.db.models.expressions import Combinable

from queue_app.models import Entry
from users.errors import Forbidden
from users.models import User
from users.prepared import Argument, Prepared
from users.selectors import BANNED, kept_out_until, penalised

Facts = Mapping[str, Any]
"""What was read of an account, by the names that guards have given it."""
Judge = Callable[[Facts, datetime], None]

NOW = Argument("now", DateTimeField())
"""For the expressions of guards: the time of the join or leave."""


class _Guard(NamedTuple):
    judge: Judge
    only_joins: bool


_guards: list[_Guard] = []
_needed: dict[str, Combinable] = {
    "is_banned": ExpressionWrapper(BANNED, BooleanField()),
    "is_penalised": ExpressionWrapper(penalised(NOW), BooleanField()),
    "waits": Exists(Entry.objects.filter(user=OuterRef("pk"))),
}


def guard(*, only_joins: bool = False, **facts: Combinable) -> Callable[[Judge], Judge]:
    """Decorator: `function(facts, now)` raises a refusal of `users.errors`, or lets the player pass.

    Guards are asked in the order in which they were declared.

    Args:
        only_joins: it holds for nobody who waits already.
        **facts: what it must know, as expressions on `User`; `NOW` may be in them.
    """

    def declare(function: Judge) -> Judge:
        _needed.update(facts)
        _guards.append(_Guard(function, only_joins))
        return function

    return declare


def look(user_id: str, now: datetime) -> Facts | None:
    """Read what all guards must know, in one query; None where there is no such account.

    Besides what they have named, that is `is_banned`, `is_penalised` and `waits`.
    """
    return _facts.first(user_id=user_id, now=now)


def admit(user_id: str, facts: Facts, now: datetime) -> None:
    """Refuse a player who may not join the queue at this time, or go on waiting with other roles.

    Args:
        user_id: the player.
        facts: what `look` has found.
        now: the time of joining.

    Raises:
        Forbidden: `banned`; `penalty` while penalties keep the player out; and what guards raise.
        rest_framework.exceptions.APIException: what the first guard that refuses raises.
    """
    if facts["is_banned"]:
        raise Forbidden("This account is banned.", "banned")
    if facts["is_penalised"]:
        until = kept_out_until(user_id, now)
        raise Forbidden("A penalty keeps you from queueing for now.", "penalty", until=until)
    check(facts, now, joins=not facts["waits"])


def check(facts: Facts, now: datetime, *, joins: bool) -> None:
    """Ask the guards.

    Args:
        facts: what `look` has found.
        now: the time of the join or leave.
        joins: whether somebody joins who did not wait.

    Raises:
        rest_framework.exceptions.APIException: what the first guard that refuses raises.
    """
    for judge, only_joins in _guards:
        if joins or not only_joins:
            judge(facts, now)


_facts = Prepared(lambda: User.objects.filter(pk=Argument("user_id", CharField())).order_by().values(**_needed))
