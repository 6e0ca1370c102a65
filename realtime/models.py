"""The tables of `realtime`: the outbox, published states, presence, leases and samples."""

from django.db import models
from django.db.models.functions import Now


class DirtyStream(models.Model):
    """The outbox. A row says that a stream may have changed. A trigger writes it in the writer's transaction."""

    stream = models.CharField(max_length=80)
    marked_at = models.DateTimeField(db_default=Now())  # the database's default, since a trigger writes the row

    class Meta:
        db_table = "realtime_mark"  # its first name: during a rolling update old workers write to it

    def __str__(self) -> str:
        return self.stream


class PublishedState(models.Model):
    """The last published state of a stream.

    `document` is null if the stream has ended: its key does not exist any more, or its owner is banned.
    """

    stream = models.CharField(primary_key=True, max_length=80)
    epoch = models.CharField(max_length=16)
    seq = models.PositiveBigIntegerField(default=0)
    document = models.JSONField(null=True)
    published_at = models.DateTimeField(
        db_default=Now(), db_index=True
    )  # the database's clock, as hosts' clocks differ

    class Meta:
        db_table = "realtime_head"  # its first name, for the same reason

    def __str__(self) -> str:
        return f"{self.stream}@{self.seq}"


class Worker(models.Model):
    """A server process that holds connections. It is alive until its lease expires."""

    worker_id = models.CharField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField(db_index=True)
    # The defaults are the database's: during a rolling update the old version writes rows too.
    release = models.CharField(max_length=64, db_default="")
    draining = models.BooleanField(db_default=False)

    def __str__(self) -> str:
        return self.worker_id


class Presence(models.Model):
    """An owner who is connected to a worker, or polls it."""

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE)
    owner = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["worker", "owner"], name="presence_once_per_worker"),)

    def __str__(self) -> str:
        return f"{self.owner} on {self.worker_id}"


class Lease(models.Model):
    """The holder of a periodic job, and when the lease expires (`realtime.publishing.leases`)."""

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    # On PostgreSQL: the server process of the holder's session, and its start, since process ids are reused.
    backend_pid = models.IntegerField(null=True)
    backend_start = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"


class Sample(models.Model):
    """The metrics of the service at one time (`realtime.operations`).

    The key is the number of the sample's time slot, so that two processes cannot both write it.
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
