"""An evening: players come, queue, play, queue again and go home."""

import asyncio
from collections.abc import Callable
from random import Random

from realtime.client import Timing
from unitemate.simulation import chance, figures, script
from unitemate.simulation.api import Api, Unavailable
from unitemate.simulation.clock import Clock
from unitemate.simulation.ledger import Ledger
from unitemate.simulation.player import Player, SignInFailed
from users.misconduct import BARRED_AT

CONNECT_WITHIN = 30.0  # real seconds
SOON = 2.0  # real seconds within which players hear of what the end of a time limit has brought about
OVERDUE = 60.0  # real seconds after a match's time limit at which its players stop waiting for its end


class Evening:
    """One evening at one server.

    Args:
        api: of the server.
        socket_url: of its socket.
        clock: the evening's.
        hours: how long the evening is, in hours.
        limits: the server's time limits by name, in simulated seconds.
        seed: of all random choices.
        ledger: the record of what happens.

    Attributes:
        players: everyone who has come so far.
    """

    def __init__(
        self,
        api: Api,
        *,
        socket_url: str,
        clock: Clock,
        hours: float,
        limits: dict[str, float],
        seed: int,
        ledger: Ledger,
    ) -> None:
        self.api, self.clock, self.ledger = api, clock, ledger
        self.players: list[Player] = []
        self._socket_url, self._limits, self._seed = socket_url, limits, seed
        self._hours, self._end = hours, hours * 3600
        # A lost link costs a player some seconds of the evening, and a server some breath in real time.
        self._timing = Timing(retry_low=max(0.02, clock.real(0.5)), retry_high=max(1.0, clock.real(20)))

    async def run(self) -> None:
        """Let the evening pass, until the last player has gone home."""
        random = Random(self._seed)
        times = chance.arrivals(self.ledger.players, self._hours, random)
        wishes = chance.plans(times, self._hours, random)
        async with asyncio.TaskGroup() as group:
            for number, (time, wish) in enumerate(zip(times, wishes, strict=True), start=1):
                await self.clock.until(time)
                self.ledger.late = max(self.ledger.late, self.clock.real(self.clock.now() - time))
                player = Player(
                    self.api,
                    f"Sim {self._seed}-{number}",
                    socket_url=self._socket_url,
                    random=Random(f"{self._seed}:{number}"),
                    timing=self._timing,
                )
                self.players.append(player)
                self.ledger.came += 1
                group.create_task(self._visit(player, wish))

    async def _visit(self, player: Player, wish: int) -> None:
        """One player's evening. A fault is recorded and ends this player's evening only."""
        came = self.clock.now()
        self.ledger.here += 1
        cutter = asyncio.create_task(self._cut_links(player))
        try:
            await player.connect(CONNECT_WITHIN)
            await self._play_on(player, wish)
        except (TimeoutError, Unavailable, SignInFailed, Fault) as error:
            self.ledger.faults.append(f"{player.name}: {type(error).__name__} {error}")
        finally:
            cutter.cancel()
            await player.client.close()
            self.ledger.here -= 1
            self.ledger.presence += self.clock.now() - came

    async def _play_on(self, player: Player, wish: int) -> None:
        roles = chance.roles(player.random)
        seen: set[str] = set()
        played = 0
        reported = 0.0
        while played < wish:
            # Who is back in the queue, since nothing came of the match, waits on.
            if played and not self._is_held(player, seen):
                await self.clock.sleep(chance.draw(figures.TO_QUEUE_AGAIN, player.random))
            if self.clock.now() >= self._end and (await player.leave()).ok:
                return
            match_id = await self._queue(player, roles, seen)
            if match_id is None:
                return
            if played:
                self.ledger.between.append(self.clock.now() - reported)
            seen.add(match_id)
            if await self._play(player, match_id):
                played += 1
                reported = self.clock.now()
            else:
                self.ledger.void.add(match_id)

    def _is_held(self, player: Player, seen: set[str]) -> bool:
        """Whether the player is in the queue, or has another match already."""
        return player.is_queued or player.match_id not in {None, *seen}

    async def _queue(self, player: Player, roles: list[str], seen: set[str]) -> str | None:
        """Queue and wait for a match; None if the player gives up or is barred."""
        if not self._is_held(player, seen) and not await self._join(player, roles):
            self.ledger.barred += 1
            return None
        joined = self.clock.now()
        try:
            match_id = await self._matched(player, seen, min(figures.PATIENCE, max(60.0, self._end - joined)))
        except TimeoutError:
            if (await player.leave()).ok:
                self.ledger.gave_up += 1
                return None
            match_id = await self._matched(player, seen, self.clock.speed * CONNECT_WITHIN)  # at that very moment
        self.ledger.waits.append(self.clock.now() - joined)
        return match_id

    async def _join(self, player: Player, roles: list[str]) -> bool:
        """Join the queue, after the end of a time-out.

        A refusal with `in_match` counts as joined: the player was put back into the queue and matched meanwhile.

        Returns:
            Whether the player has joined. If not, points bar the player, or a time-out lasts beyond the evening's end.

        Raises:
            Fault: the server refuses for another reason.
        """
        for changes_mind in (player.random.random() < figures.CHANGES_MIND, False):
            answer = await player.join(roles)
            while answer.code == "penalty":
                points = ((player.me or {}).get("penalty") or {}).get("points", 0)
                if points >= BARRED_AT or self.clock.now() >= self._end:
                    return False
                self.ledger.penalties += 1
                await self.clock.sleep(figures.TIME_OUT)
                answer = await player.join(roles)
            if not answer.ok and answer.code != "in_match":
                raise Fault(f"may not join: {answer.status} {answer.code}")
            if not (changes_mind and answer.ok and (await player.leave()).ok):
                break
        return True

    async def _matched(self, player: Player, seen: set[str], within: float) -> str:
        """Wait until the mirrors show a new match and its ten players.

        Raises:
            TimeoutError: they do not within that many simulated seconds.
            Fault: the match is gone again.
        """

        def found() -> str | None:
            match_id = player.match_id
            return match_id if match_id and match_id not in seen and player.match(match_id) else None

        await player.client.wait_for(lambda: found() is not None, self.clock.real(within))
        match_id = found()
        if match_id is None:
            raise Fault("a match was found and is gone")
        return match_id

    async def _play(self, player: Player, match_id: str) -> bool:
        """Play a match until the own report or its end, whichever comes first; False if it was void.

        Raises:
            Fault: the match does not end.
        """
        began = self.clock.now()
        self._write_down(player, match_id)
        plot = script.of(match_id, self._seed)
        seats = sorted(player.match(match_id)["players"])
        part = plot.parts[seats.index(player.user_id)]
        if plot.lobby_after is not None:
            await self._see_to_lobby(player, match_id, plot.lobby_id, began, plot.lobby_after, plot.host_acts)
        if part.after is not None and not await self._ended(player, match_id, began + part.after):
            others = [seat for seat in seats if seat != player.user_id]
            answer = await player.report(match_id, part.result, [player.random.choice(others)] if part.accuses else [])
            if answer.ok:
                return True
        limit = began + self._limits["match"] + self.clock.speed * OVERDUE
        if not player.is_done(match_id) and not await self._ended(player, match_id, limit):
            raise Fault(f"{match_id} does not end")
        if player.match(match_id).get("lobby_id") or player.match(match_id).get("result") != "invalid":
            return True
        if plot.lobby_after is not None:
            self.ledger.outpaced.add(match_id)
        # Back in the queue, unless this player was a host who did nothing.
        await self._until(
            player,
            lambda: self._is_held(player, {match_id}) or (player.me or {}).get("penalty") is not None,
            self.clock.now() + self.clock.speed * SOON,
        )
        return False

    async def _see_to_lobby(
        self, player: Player, match_id: str, lobby_id: str, began: float, after: float, host_acts: bool
    ) -> None:
        """Wait for the lobby, and make it if this player is the host.

        In some matches the first host does nothing, and the server chooses another.
        """
        first = player.match(match_id).get("host_user_id") == player.user_id
        patience = began + 2 * self._limits["lobby"] + self.clock.speed * SOON

        def settled() -> bool:
            return player.is_done(match_id) or bool(player.match(match_id).get("lobby_id"))

        def is_due() -> bool:
            return player.is_host(match_id) and (host_acts or not first)

        while not settled() and self.clock.now() < patience:
            if not await self._until(player, lambda: settled() or is_due(), patience) or settled():
                return
            moment = began + after if first else self.clock.now() + figures.TAKES_OVER
            if not await self._until(player, lambda: settled() or not is_due(), moment):
                await player.set_lobby(match_id, lobby_id)
                await self._until(player, lambda: settled() or not is_due(), patience)

    async def _ended(self, player: Player, match_id: str, moment: float) -> bool:
        """Wait for a moment of the evening, or for the end of the match; whether the match ended first."""
        return await self._until(player, lambda: player.is_done(match_id), moment)

    async def _until(self, player: Player, predicate: Callable[[], bool], moment: float) -> bool:
        """Wait until the predicate holds, or for a moment of the evening; whether the predicate held first."""
        try:
            await player.client.wait_for(predicate, self.clock.real(moment - self.clock.now()))
        except TimeoutError:
            return False
        return True

    def _write_down(self, player: Player, match_id: str) -> None:
        self.ledger.noticed[match_id].add(player.user_id)
        if player.match(match_id).get("vc") is None and not player.is_done(match_id):
            self.ledger.without_voice.add(match_id)

    async def _cut_links(self, player: Player) -> None:
        while True:
            await self.clock.sleep(player.random.expovariate(figures.LINK_LOST_PER_HOUR / 3600))
            player.client.drop()
            self.ledger.links_cut += 1


class Fault(Exception):
    """Something happened to a player that must not happen."""
