"""The version of the configuration that clients have seen. An application registers the function that tells it."""

from collections.abc import Callable

_version: Callable[[], str] | None = None


def version_with(function: Callable[[], str]) -> Callable[[], str]:
    """Decorator: `function()` returns the version. It must not use the database."""
    global _version
    _version = function
    return function


def version() -> str:
    """The version that `welcome` names. When it changes, clients fetch again what they need at their start."""
    return "" if _version is None else _version()
