"""What else keeps a player out of the queue, or in it: asked of the applications above this one."""

from collections.abc import Callable

Guard = Callable[[str], None]

_guards: list[Guard] = []


def guard(function: Guard) -> Guard:
    """Decorator: `function(user_id)` raises a refusal of `users.errors` when the player may not join or leave.

    It is called in the transaction of the join or leave, with the player's account locked.
    """
    _guards.append(function)
    return function


def check(user_id: str) -> None:
    """Ask every guard.

    Raises:
        rest_framework.exceptions.APIException: what the first guard that refuses raises.
    """
    for function in _guards:
        function(user_id)
