"""What the realtime service stores: marks of what changed, heads of streams, who is connected, how it is doing."""

from django.db import models
from django.db.models.functions import Now


class DirtyStream(models.Model):
    """The outbox: "this stream may have changed", written by a trigger in the writer's transaction."""

    stream = models.CharField(max_length=80)
    marked_at = models.DateTimeField(db_default=Now())  # by the database, since a trigger writes the row

    class Meta:
        db_table = "realtime_mark"  # as it was first called: old workers write to it during an update

    def __str__(self) -> str:
        return self.stream


class PublishedState(models.Model):
    """The last published state of a stream.

    `document` is null for a stream that has ended (its key is gone, or its owner is shut out).
    """

    stream = models.CharField(primary_key=True, max_length=80)
    epoch = models.CharField(max_length=16)
    seq = models.PositiveBigIntegerField(default=0)
    document = models.JSONField(null=True)
    published_at = models.DateTimeField(db_default=Now(), db_index=True)  # by the database, as hosts' clocks differ

    class Meta:
        db_table = "realtime_head"  # likewise

    def __str__(self) -> str:
        return f"{self.stream}@{self.seq}"


class Worker(models.Model):
    """A server process that holds connections; its lease ends when it stops renewing it."""

    worker_id = models.CharField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField(db_index=True)
    # With defaults of the database: while a new version is being deployed the old one writes rows too.
    release = models.CharField(max_length=64, db_default="")
    draining = models.BooleanField(db_default=False)

    def __str__(self) -> str:
        return self.worker_id


class Presence(models.Model):
    """An owner has at least one live connection on a worker, or polls it."""

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE)
    owner = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["worker", "owner"], name="presence_once_per_worker"),)

    def __str__(self) -> str:
        return f"{self.owner} on {self.worker_id}"


class Lease(models.Model):
    """Who does a periodic job, and until when it has proved to live (`realtime.publishing.leases`)."""

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    # Of the holder's session, on PostgreSQL: its process, and when that began, since numbers are used again.
    backend_pid = models.IntegerField(null=True)
    backend_start = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"


class Sample(models.Model):
    """How the service was doing at a moment; see `realtime.operations`.

    The key is the number of its slot, so that no two processes write the same.
    """

    slot = models.PositiveBigIntegerField(primary_key=True)
    taken_at = models.DateTimeField()
    machine = models.CharField(max_length=16)
    point = models.JSONField(help_text="What is shown.")
    cumulative = models.JSONField(
        db_column="tallies", help_text="What the next sample of the same machine subtracts from."
    )

    def __str__(self) -> str:
        return f"{self.taken_at:%H:%M:%S}"
