"""Notifying this process's relays that there is something to publish or to send.

A write through the ORM notifies them when it commits. Writes by other processes, by bulk operations and by raw
SQL do not pass here. Relays learn of those by PostgreSQL's NOTIFY or by polling.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import transaction

from realtime.publishing.publication import Publication

CHANNEL = "realtime_marks"
"""The PostgreSQL channel on which triggers announce dirty streams."""


class PublishListener(Protocol):
    """A relay, as this module sees it. Both methods are called from any thread."""

    def notify(self) -> None:
        """There may be dirty streams."""

    def forward(self, publications: Sequence[Publication]) -> None:
        """Send publications that another part of this process has committed."""


_listeners: set[PublishListener] = set()


def add_listener(listener: PublishListener) -> None:
    """Notify this listener from now on."""
    _listeners.add(listener)


def remove_listener(listener: PublishListener) -> None:
    """Stop notifying this listener."""
    _listeners.discard(listener)


def on_write(sender: Any, **kwargs: Any) -> None:
    """The `post_save` and `post_delete` receiver of watched models."""
    if _listeners:
        transaction.on_commit(_notify_all, robust=True)


def _notify_all() -> None:
    for listener in tuple(_listeners):
        listener.notify()


def forward(publications: Sequence[Publication]) -> None:
    """Have one of this process's relays send publications.

    A process without a relay (a command, the shell) sends nothing. The hubs then find the change by its head.
    """
    if publications:
        for listener in tuple(_listeners)[:1]:
            listener.forward(publications)
