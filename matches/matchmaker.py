"""The matchmaker: runs a round when somebody joins or some time has passed, and moves matches and seasons on."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Count, Max

from matches import metrics
from matches.services import matches_advance, matchmaking_round, seasons_advance
from queue_app.models import Entry
from realtime.database import clock
from realtime.database.sessions import long_transaction
from realtime.publishing.leases import Lease

logger = logging.getLogger(__name__)

TICK = 0.2
"""Seconds between checks of the queue and of the time limits."""

LONGEST_RETRY = 10.0
"""Greatest number of seconds between attempts while the database fails."""


class Matchmaker:
    """Works while it holds the lease. Any number may run; one works.

    Args:
        interval: seconds between rounds while nobody joins.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._lease = Lease("matchmaker")
        self._holds = False
        self._renew_at = self._round_at = self._seasons_at = float("-inf")
        self._seen: object = None

    def run(self, stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        """Work until told to stop. After an error it pauses, longer each time, and tries again."""
        retry = TICK
        while not stop.is_set():
            try:
                self.tick(clock())
                retry = TICK
            except Exception:
                logger.exception("the matchmaker failed; again in %.1f s", retry)
                connection.close()
                self._renew_at = float("-inf")
                retry = min(2 * retry, LONGEST_RETRY)
            stop.wait(retry)
        self.stop()

    def tick(self, at: float) -> None:
        """Check once what there is to do, and do it.

        Args:
            at: seconds of a monotonic clock.
        """
        if at >= self._renew_at:
            self._holds = self._lease.acquire()
            timing = self._lease.timing
            self._renew_at = at + (timing.renew_every if self._holds else timing.retry_every)
            clock.measure_offset()
        if not self._holds:
            return
        now = clock.now()  # the database's time, so that matchmakers on different hosts agree
        seen = Entry.objects.aggregate(Count("pk"), Max("queued_at"))
        if seen != self._seen or at >= self._round_at:
            # The state before the round is kept. So a player who joins during the round brings on another.
            self._seen, self._round_at = seen, at + self._interval
            with metrics.ROUND_SECONDS.labels().time():
                made = matchmaking_round(now=now)
            for match in made:
                logger.info("a match was made", extra={"match_id": match.match_id})
                metrics.made(match)
        matches_advance(now=now)
        if at >= self._seasons_at:
            self._seasons_at = at + self._interval
            with long_transaction():
                seasons_advance(now=now)

    def stop(self) -> None:
        """Give the lease up, so that another matchmaker need not wait until it expires."""
        try:
            self._lease.release()
        except Exception:
            logger.warning("the lease could not be given up; it ends by itself")
