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


class Outlet(Protocol):
    """What is told. Both calls may come from any thread."""

    def wake(self) -> None:
        """There may be marks to publish."""

    def hand_over(self, publications: Sequence[Publication]) -> None:
        """These were published and committed by somebody else in this process; send them on."""


_outlets: set[Outlet] = set()


def attach(outlet: Outlet) -> None:
    """Tell this outlet from now on."""
    _outlets.add(outlet)


def detach(outlet: Outlet) -> None:
    """Tell it no longer."""
    _outlets.discard(outlet)


def on_write(sender: Any, **kwargs: Any) -> None:
    """The `post_save` and `post_delete` receiver of watched models."""
    if _outlets:
        transaction.on_commit(_wake_all, robust=True)


def _wake_all() -> None:
    for outlet in tuple(_outlets):
        outlet.wake()


def hand_over(publications: Sequence[Publication]) -> None:
    """Have publications sent on by one of this process's relays.

    Where the process has none (a command, the shell), the hubs find the change by its head.
    """
    if publications:
        for outlet in tuple(_outlets)[:1]:
            outlet.hand_over(publications)
