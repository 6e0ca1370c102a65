"""How this process is set up, as far as clients care: a question that `realtime` asks of the application above it."""

from collections.abc import Callable

_version: Callable[[], str] | None = None


def version_with(function: Callable[[], str]) -> Callable[[], str]:
    """Decorator: `function()` names what this process tells clients at their start, and needs no database."""
    global _version
    _version = function
    return function


def version() -> str:
    """The version that a `welcome` names: another means that clients ask again what they need to start."""
    return "" if _version is None else _version()
