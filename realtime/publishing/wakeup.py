"""Telling this process's relays that there is something to publish or to send on.

A write through the ORM wakes them when it commits. Writes by other processes, by bulk operations
and by raw SQL wake nobody here; relays hear of those by PostgreSQL's NOTIFY or by looking.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import transaction

from realtime.publishing.publication import Publication

CHANNEL = "realtime_marks"
"""The PostgreSQL notification channel on which triggers announce a commit with marks."""


class PublishListener(Protocol):
    """What is told. Both calls may come from any thread."""

    def notify(self) -> None:
        """There may be marks to publish."""

    def forward(self, publications: Sequence[Publication]) -> None:
        """These were published and committed by somebody else in this process; send them on."""


_listeners: set[PublishListener] = set()


def add_listener(listener: PublishListener) -> None:
    """Tell this outlet from now on."""
    _listeners.add(listener)


def remove_listener(listener: PublishListener) -> None:
    """Tell it no longer."""
    _listeners.discard(listener)


def on_write(sender: Any, **kwargs: Any) -> None:
    """The `post_save` and `post_delete` receiver of watched models."""
    if _listeners:
        transaction.on_commit(_notify_all, robust=True)


def _notify_all() -> None:
    for listener in tuple(_listeners):
        listener.notify()


def forward(publications: Sequence[Publication]) -> None:
    """Have publications sent on by one of this process's relays.

    Where the process has none (a command, the shell), the hubs find the change by its head.
    """
    if publications:
        for listener in tuple(_listeners)[:1]:
            listener.forward(publications)
