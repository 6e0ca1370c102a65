"""The `operations` stream, which shows the samples to staff."""

from collections.abc import Collection
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from realtime import streams, triggers
from realtime.identity import Identity
from realtime.models import Sample
from realtime.operations.sampling import INTERVAL, KEPT
from realtime.operations.views import VIEWS, View
from realtime.schemas import Private

OPERATIONS = streams.declare(
    "operations",
    audience=streams.Audience.ADMITTED,
)


def watch_samples() -> None:
    """Publish the stream when a sample is written."""
    triggers.watch(Sample, "operations")


def document() -> type[Struct]:
    """The fields of the stream. A point has those that the applications have declared, so all are loaded by then."""
    point = msgspec.defstruct(
        "OperationsPoint",
        [(view.name, _type(view)) for view in VIEWS.values()],
        namespace={
            "__doc__": "One sample; null is not known. Counters and histograms are of the machine that took it."
        },
    )
    described = Meta(description="The samples, by the Unix time of each; the highest is the newest.")
    return msgspec.defstruct(
        "Operations",
        [
            ("interval", Annotated[Private[int], Meta(description="Seconds from one sample to the next.")]),
            ("kept", Annotated[Private[int], Meta(description="Samples that are kept.")]),
            ("points", Annotated[Private[dict[str, point]], described]),  # type: ignore[valid-type]
        ],
        namespace={"__doc__": "The `operations` stream: how the service has been doing."},
    )


def _type(view: View) -> Any:
    if view.by is None:
        return Annotated[float | None, Meta(description=view.help)]
    return Annotated[dict[str, float] | None, Meta(description=f"{view.help} By {view.by}.")]


@OPERATIONS.contributes(document)
def samples(keys: Collection[str]) -> dict[str, streams.Document]:
    """The samples that are kept, by the Unix time at which their slot begins.

    It is an object and not a list, so that a new sample's patch has that sample and the removal of the oldest only.
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
    return keys if identity.is_staff else ()


@OPERATIONS.may_stay
def may_go_on_seeing(identity: Identity, document: streams.Document) -> bool:
    return identity.is_staff
