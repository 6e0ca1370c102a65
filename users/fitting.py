"""What fits of a JSON value that may be anything, for `users.columns.JSONColumn`."""

import re
from collections.abc import Callable
from typing import Any

from users.ids import is_public_id
from users.roles import ROLES

_BADGE_ID = re.compile(r"[-a-zA-Z0-9_]{1,40}")
_ICON = re.compile(r"[-a-z0-9]{1,40}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def roles(value: Any) -> list[str]:
    """Roles, each once, in their order."""
    return _distinct(value, lambda item: item in ROLES)


def public_ids(value: Any) -> list[str]:
    """Public ids, each once, in their order."""
    return _distinct(value, is_public_id)


def badge_ids(value: Any) -> list[str]:
    """Ids of badges, each once, in their order."""
    return _distinct(value, lambda item: bool(_BADGE_ID.fullmatch(item)))


def look(value: Any) -> dict[str, str]:
    """How a badge is drawn: `icon`, a name, and `colour`, #rrggbb; either may be absent."""
    forms = {"icon": _ICON, "colour": _COLOUR}
    given = value if isinstance(value, dict) else {}
    return {
        name: given[name]
        for name, form in forms.items()
        if isinstance(given.get(name), str) and form.fullmatch(given[name])
    }


def notice(value: Any) -> dict[str, Any] | None:
    """What was done to a player: an object that has at least a `code` and a time, `at`."""
    if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in ("code", "at")):
        return None
    return value


def _distinct(value: Any, fits: Callable[[str], bool]) -> list[str]:
    items = value if isinstance(value, list) else []
    return list(dict.fromkeys(item for item in items if isinstance(item, str) and fits(item)))
