"""What else keeps a player out of the queue, or in it: asked of the applications above this one.

Guards are called in the transaction of the join or leave, with the player's account locked, and
raise a refusal of `users.errors`.
"""

from collections.abc import Callable
from datetime import datetime

Guard = Callable[[str], None]
JoinGuard = Callable[[datetime], None]

_guards: list[Guard] = []
_join_guards: list[JoinGuard] = []


def guard(function: Guard) -> Guard:
    """Decorator: `function(user_id)` refuses when the player may neither join nor leave."""
    _guards.append(function)
    return function


def join_guard(function: JoinGuard) -> JoinGuard:
    """Decorator: `function(now)` refuses when nobody may join; who waits already is not asked to go."""
    _join_guards.append(function)
    return function


def check(user_id: str) -> None:
    """Ask every guard.

    Raises:
        rest_framework.exceptions.APIException: what the first guard that refuses raises.
    """
    for function in _guards:
        function(user_id)


def check_join(now: datetime) -> None:
    """Ask every guard of joins.

    Raises:
        rest_framework.exceptions.APIException: what the first guard that refuses raises.
    """
    for function in _join_guards:
        function(now)
