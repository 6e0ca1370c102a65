"""Demo bots, which queue and play short matches for ever, so that a single visitor gets a match."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from random import Random

from matches.result import Result
from unitemate.simulation.api import Api, Unavailable
from unitemate.simulation.player import Player, SignInFailed
from users.roles import ROLES

logger = logging.getLogger(__name__)

AFTER_TROUBLE = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a bot takes, in seconds. A pair is the range of a random time.

    Attributes:
        lobby_after: until it makes the lobby, if it is the host.
        plays_for: from the lobby to its report.
        between_matches: until it queues again.
        leeway: how long it waits for others after a time limit.
    """

    lobby_after: tuple[float, float] = (4.0, 12.0)
    plays_for: tuple[float, float] = (30.0, 90.0)
    between_matches: tuple[float, float] = (5.0, 20.0)
    leeway: float = 10.0


async def run_bots(url: str, number: int, *, seed: int = 0, pace: Pace | None = None) -> None:
    """Let bots play until this is cancelled. They wait for a server that is down.

    Args:
        url: of the server.
        number: how many bots.
        seed: of their random choices.
        pace: how long they take.
    """
    async with Api(url, at_once=max(2, number)) as api, asyncio.TaskGroup() as group:
        system = await _system(api)
        for index in range(1, number + 1):
            bot = Bot(
                Player(api, f"Bot {index:02d}", socket_url=system["socket_url"], random=Random(f"{seed}:{index}")),
                limits=system["limits"],
                pace=pace,
            )
            group.create_task(bot.live())


async def _system(api: Api) -> dict:
    while True:
        try:
            answer = await api.call("GET", "system")
        except Unavailable:
            continue
        if answer.ok:
            return answer.body
        await asyncio.sleep(AFTER_TROUBLE)


class Bot:
    """A demo player who queues and plays without end.

    Args:
        player: its account and connection.
        limits: the server's time limits by name, in seconds.
        pace: how long it takes.
    """

    def __init__(self, player: Player, *, limits: dict[str, float], pace: Pace | None = None) -> None:
        self.player = player
        self._pace = pace or Pace()
        self._limits = limits
        self._reported: set[str] = set()

    async def live(self) -> None:
        """Play match after match, whatever happens."""
        while True:
            try:
                await self.player.connect(within=60)
                await self._once_more()
            except (TimeoutError, Unavailable, SignInFailed) as error:
                logger.info("%s is in trouble: %r", self.player.name, error)
                await asyncio.sleep(AFTER_TROUBLE)

    async def _once_more(self) -> None:
        """Finish the open match, or queue for the next one and play it."""
        player = self.player
        if self._open_match() is None:
            if not player.is_queued:
                await asyncio.sleep(player.random.uniform(*self._pace.between_matches))
                answer = await player.join(player.random.sample(ROLES, len(ROLES)))
                if not answer.ok and answer.code != "in_match":
                    await asyncio.sleep(AFTER_TROUBLE)  # banned for the time being, or some such
                    return
            await player.client.wait_for(lambda: self._open_match() is not None)
        match_id = self._open_match()
        if match_id is not None:
            await self._play(match_id)
            self._reported.add(match_id)

    def _open_match(self) -> str | None:
        """The match that this bot has yet to report."""
        match_id = self.player.match_id
        if match_id is None or match_id in self._reported or not self.player.match(match_id):
            return None
        return match_id

    async def _play(self, match_id: str) -> None:
        player = self.player
        within = 2 * self._limits["lobby"] + self._pace.leeway  # a second host has as long as the first
        due = await self._until(lambda: self._has_lobby(match_id) or player.is_host(match_id), within)
        if due and not self._has_lobby(match_id):
            await asyncio.sleep(player.random.uniform(*self._pace.lobby_after))
            await player.set_lobby(match_id, lobby_of(match_id))
            due = await self._until(lambda: self._has_lobby(match_id), self._pace.leeway)
        if not due:
            await player.report(match_id, Result.INVALID)
            return
        plays_for = player.random.uniform(*self._pace.plays_for)
        if not await self._until(lambda: player.is_done(match_id), plays_for):
            await player.report(match_id, result_of(match_id))

    def _has_lobby(self, match_id: str) -> bool:
        return bool(self.player.match(match_id).get("lobby_id")) or self.player.is_done(match_id)

    async def _until(self, predicate: Callable[[], bool], within: float) -> bool:
        try:
            await self.player.client.wait_for(predicate, within)
        except TimeoutError:
            return False
        return True


def result_of(match_id: str) -> str:
    """The result that bots report. It follows from the id, so that they all agree."""
    return (Result.A_WIN, Result.B_WIN)[_number(match_id) % 2]


def lobby_of(match_id: str) -> str:
    """The lobby id that a bot gives a match."""
    return f"{_number(match_id) % 10**8:08d}"


def _number(match_id: str) -> int:
    return int.from_bytes(sha256(match_id.encode()).digest()[:8])


__all__ = ["Bot", "Pace", "lobby_of", "result_of", "run_bots"]
