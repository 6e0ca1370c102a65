"""The real publisher on the real database, under writes of every kind and a layer that loses, repeats and swaps."""

import json
import random
from collections import defaultdict
from contextlib import suppress

import pytest
from django.db import connection, transaction

from queue_app.models import Entry
from realtime.models import PublishedState
from realtime.protocol import Mirror, Verdict
from realtime.publishing.publisher import publish_dirty, snapshot
from realtime.testing import fresh
from tests.scenes import players
from users.models import User

STEPS = 200
ROLES = [["TANK", "SUPPORT"], ["MIDDLE", "TANK"], ["TOP_LANE", "BOTTOM_LANE", "TANK"]]

pytestmark = pytest.mark.django_db(transaction=True)


class Undone(Exception):
    """Ends a transaction."""


class Scene:
    """Three players, mirrors of their streams and of the queue, and whatever chance wants.

    Attributes:
        history: every document of a stream that was ever committed, in order, as JSON.
        shown: the place in that history of what the mirror showed last.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.users = players(3)
        self.streams = ["queue", *(f"user_{user.pk}" for user in self.users)]
        self.mirrors: dict[str, Mirror] = {stream: snapshot(stream) for stream in self.streams}
        self.history: dict[str, list[str]] = defaultdict(list)
        self.shown = dict.fromkeys(self.streams, 0)
        self.wire: list = []
        self.note()

    def note(self) -> None:
        for stream in self.streams:
            document = json.dumps(fresh(stream), sort_keys=True)
            if self.history[stream][-1:] != [document]:
                self.history[stream].append(document)

    # --- what may happen ---

    def save(self) -> None:
        user = self.chance.choice(self.users)
        user.bio = f"bio {self.chance.random()}"
        user.save()

    def update(self) -> None:
        User.objects.filter(pk=self.chance.choice(self.users).pk).update(bio=f"update {self.chance.random()}")

    def write_in_bulk(self) -> None:
        for user in self.users:
            user.twitter_id = f"t{self.chance.randrange(10**6)}"
        User.objects.bulk_update(self.users, ["twitter_id"])

    def write_past_the_orm(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE users_user SET bio = %s", [f"raw {self.chance.random()}"])

    def queue(self) -> None:
        user = self.chance.choice(self.users)
        if not Entry.objects.filter(pk=user.pk).delete()[0]:
            Entry.objects.create(user=user, selected_roles=self.chance.choice(ROLES))

    def roll_back(self) -> None:
        with suppress(Undone), transaction.atomic():
            self.save()
            self.queue()
            raise Undone

    def roll_back_to_a_savepoint(self) -> None:
        with transaction.atomic():
            self.update()
            with suppress(Undone), transaction.atomic():
                self.queue()
                self.write_past_the_orm()
                raise Undone

    def publish(self) -> None:
        publications, _ = publish_dirty(limit=self.chance.choice([1, 3, 500]))
        for publication in publications:
            self.wire += [publication] * self.chance.choice([0, 1, 1, 1, 2])
        if self.chance.random() < 0.3:
            self.wire[-2:] = reversed(self.wire[-2:])

    def deliver(self) -> None:
        for update in self.wire:
            if update.stream in self.mirrors:
                mirror = self.mirrors[update.stream]
                if mirror.take_update(update.epoch, update.prev, update.seq, update.changes) is Verdict.GAP:
                    self.mirrors[update.stream] = snapshot(update.stream)
                self.look(update.stream)
        self.wire.clear()

    def lose_the_heads(self) -> None:
        PublishedState.objects.filter(pk=self.chance.choice(self.streams)).delete()

    # --- what must hold ---

    def look(self, stream: str) -> None:
        document = json.dumps(self.mirrors[stream].document, sort_keys=True)
        # An earlier state may come again, so the earliest place at or after the last one is taken.
        place = next(
            (i for i in range(self.shown[stream], len(self.history[stream])) if self.history[stream][i] == document),
            None,
        )
        assert place is not None, f"{stream} shows {document}: not committed, or older than what it showed before"
        self.shown[stream] = place

    def calm(self) -> None:
        self.deliver()
        while publish_dirty()[1]:
            pass
        for stream, mirror in self.mirrors.items():
            head = PublishedState.objects.filter(pk=stream).first()
            if head is None or (head.epoch, head.seq) != mirror.position:
                self.mirrors[stream] = snapshot(stream)
            self.look(stream)
            assert self.mirrors[stream].document == fresh(stream)


@pytest.mark.parametrize("seed", range(3))
def test_the_publisher_loses_nothing_and_tells_nothing_untrue(seed):
    scene = Scene(seed)
    writes = [
        scene.save,
        scene.update,
        scene.write_in_bulk,
        scene.write_past_the_orm,
        scene.queue,
        scene.roll_back,
        scene.roll_back_to_a_savepoint,
    ]
    for step in range(STEPS):
        scene.chance.choice([*writes, scene.publish, scene.publish, scene.deliver, scene.deliver])()
        scene.note()
        if step % 50 == 20:
            scene.lose_the_heads()
        if step % 50 == 49:
            scene.calm()
    scene.calm()
    assert all(shown > 10 for shown in scene.shown.values()), "hardly anything was seen"
