"""The `operations` stream: what the samples show, to staff."""

from collections.abc import Collection

from realtime import streams, triggers
from realtime.identity import Identity
from realtime.models import Sample
from realtime.operations.sampling import INTERVAL, KEPT

OPERATIONS = streams.declare(
    "operations",
    audience=streams.Audience.ADMITTED,
)


def watch_samples() -> None:
    """Publish the stream when a sample is written."""
    triggers.watch(Sample, "operations")


@OPERATIONS.contributes
def samples(keys: Collection[str]) -> dict[str, streams.Document]:
    """The samples that are kept, each under the Unix time at which its slot begins.

    A map and no list, so that the change that a new sample makes is that sample and the end of the oldest.
    """
    rows = Sample.objects.order_by("slot").values_list("slot", "point")
    fields = {
        "interval": INTERVAL,
        "kept": KEPT,
        "points": {str(slot * INTERVAL): point for slot, point in rows},
    }
    return dict.fromkeys(keys, fields)


@OPERATIONS.admits
def open_to(identity: Identity, keys: Collection[str]) -> Collection[str]:
    """It is open to staff."""
    return keys if identity.is_staff else ()


@OPERATIONS.may_stay
def may_go_on_seeing(identity: Identity, document: streams.Document) -> bool:
    """As long as they are."""
    return identity.is_staff
