"""Guards: what keeps a player from joining the queue, or from leaving it.

Applications above this one add guards. Each guard names the facts that it needs, as expressions on the
account. All facts are read in one query, in the transaction of the join or leave, after the account has
been locked.
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
"""The facts about an account, by the names that guards have given them."""
GuardFunction = Callable[[Facts, datetime], None]

NOW = Argument("now", DateTimeField())
"""For the expressions of guards: the time of the join or leave."""


class _Guard(NamedTuple):
    function: GuardFunction
    only_joins: bool


_guards: list[_Guard] = []
_needed: dict[str, Combinable] = {
    "is_banned": ExpressionWrapper(BANNED, BooleanField()),
    "is_penalised": ExpressionWrapper(penalised(NOW), BooleanField()),
    "waits": Exists(Entry.objects.filter(user=OuterRef("pk"))),
}


def guard(*, only_joins: bool = False, **facts: Combinable) -> Callable[[GuardFunction], GuardFunction]:
    """Decorator: `function(facts, now)` raises a refusal of `users.errors`, or returns and lets the player pass.

    Guards are asked in the order in which they were declared.

    Args:
        only_joins: whether it is asked only about players who do not wait yet.
        **facts: the facts that it needs, as expressions on `User`; they may contain `NOW`.
    """

    def declare(function: GuardFunction) -> GuardFunction:
        _needed.update(facts)
        _guards.append(_Guard(function, only_joins))
        return function

    return declare


def read_facts(user_id: str, now: datetime) -> Facts | None:
    """Read the facts that all guards need, in one query; None if there is no such account.

    `is_banned`, `is_penalised` and `waits` are always among them.
    """
    return _facts.first(user_id=user_id, now=now)


def admit(user_id: str, facts: Facts, now: datetime) -> None:
    """Refuse a player who may not join the queue now, or may not go on waiting with other roles.

    Args:
        user_id: the player.
        facts: what `read_facts` has returned.
        now: the time of joining.

    Raises:
        Forbidden: `banned`; `penalty` while penalties keep the player out.
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
        facts: what `read_facts` has returned.
        now: the time of the join or leave.
        joins: whether the player joins, and did not wait before.

    Raises:
        rest_framework.exceptions.APIException: what the first guard that refuses raises.
    """
    for function, only_joins in _guards:
        if joins or not only_joins:
            function(facts, now)


_facts = Prepared(lambda: User.objects.filter(pk=Argument("user_id", CharField())).order_by().values(**_needed))
