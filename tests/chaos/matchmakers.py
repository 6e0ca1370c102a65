"""Two matchmakers at once, each killed again and again: a process of its own.

`python -m tests.chaos.matchmakers ROUNDS SEED` lets them work without a lease, so that they are in each
other's way, kills one at random moments and starts another, until so many rounds are done. Then it
prints how many there were and how many matchmakers died.
"""

import contextlib
import json
import os
import random
import select
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unitemate.settings")
django.setup()

from django.db import DatabaseError, connection  # noqa: E402

from matches.services import matches_advance, matchmaking_round  # noqa: E402

MATCHMAKERS = 2
LIVES_FOR = 10.0
"""Rounds between two kills, on average: as many kills on a fast machine as on a slow one."""
INTO_A_ROUND = 0.03
"""Seconds that a kill waits at most, so that it comes in the midst of a round and not only at its end."""
AT_MOST = 600.0
"""Seconds after which it gives up."""


def work(done: int) -> None:
    """A matchmaker's life; a byte is written for each round."""
    while True:
        with contextlib.suppress(DatabaseError):
            matchmaking_round()
            matches_advance()
            os.write(done, b".")
            continue
        connection.close()
        time.sleep(0.02)


def start(done: int) -> int:
    pid = os.fork()
    if pid == 0:
        work(done)
    return pid


def main(rounds: int, chance: random.Random) -> None:
    counted, done = os.pipe()
    matchmakers = [start(done) for _ in range(MATCHMAKERS)]
    seen = kills = 0
    give_up, kill_at = time.monotonic() + AT_MOST, LIVES_FOR
    try:
        while seen < rounds and time.monotonic() < give_up:
            if select.select([counted], [], [], 1.0)[0]:
                seen += len(os.read(counted, 4096))
            if seen >= kill_at:
                time.sleep(chance.uniform(0.0, INTO_A_ROUND))
                index = chance.randrange(MATCHMAKERS)
                os.kill(matchmakers[index], signal.SIGKILL)
                os.waitpid(matchmakers[index], 0)
                matchmakers[index] = start(done)
                kills += 1
                kill_at = seen + chance.expovariate(1 / LIVES_FOR)
    finally:
        for pid in matchmakers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    print(json.dumps({"rounds": seen, "kills": kills}))


if __name__ == "__main__":
    main(int(sys.argv[1]), random.Random(int(sys.argv[2])))
