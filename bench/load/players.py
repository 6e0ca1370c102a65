"""Players who queue, play short matches, report, and queue again."""

import asyncio
import time
from random import Random
from typing import Any

from bench.load.sockets import Socket
from unitemate.simulation import chance
from unitemate.simulation.api import Answer, Api, Unavailable
from unitemate.simulation.bots import lobby_of, result_of

LOBBY_AFTER = (5.0, 30.0)
"""Seconds in which a host names the lobby."""
PLAYS = (150.0, 300.0)
"""Seconds from the lobby to a player's report: a fifth of a real match, so that a short run has whole ones."""
AWAY = 300.0
"""Seconds that queueing and playing take of each round, about; the rest of it a player is away."""
PATIENCE = 600.0
"""Seconds after which one who is still waiting for a match counts as stuck."""


class Record:
    """What happened to all of them.

    Attributes:
        joins: seconds that each join took.
        matches: the ids of those that were found.
        reports: how many were taken.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Count anew."""
        self.joins: list[float] = []
        self.matches: set[str] = set()
        self.reports = 0


class Player:
    """One player with a socket of their own.

    Args:
        socket: theirs.
        api: where the server is.
        user_id, token: who they are.
        record: where to write down what happens.
        pace: how often each joins, per hour.
        random: all of their chance.
    """

    def __init__(
        self, socket: Socket, api: Api, *, user_id: str, token: str, record: Record, pace: float, random: Random
    ) -> None:
        self.socket, self.user_id = socket, user_id
        self._api, self._token, self._record, self._random = api, token, record, random
        self._roles = chance.roles(random)
        self._reported: set[str] = set()
        self._round = 3600 / pace

    async def live(self, until: asyncio.Event) -> None:
        """Play match after match until the event is set, and finish the last."""
        await self._sleep((0.0, self._round), until)
        while not until.is_set():
            try:
                await self._play(until)
            except TimeoutError:
                self.socket.crowd.wrong["a player is stuck"] += 1
            except Unavailable:
                self.socket.crowd.wrong["no answer"] += 1
            away = max(0.0, self._round - AWAY)
            await self._sleep((0.5 * away, 1.5 * away), until)

    async def fetch(self, path: str) -> Answer:
        """Ask the REST API as this player."""
        return await self._api.call("GET", path, token=self._token)

    async def _play(self, until: asyncio.Event) -> None:
        if self._open_match() is None and not self._me.get("queue"):
            began = time.perf_counter()
            answer = await self._call("POST", "queue/join", {"selected_roles": self._roles})
            if answer.ok:
                self._record.joins.append(time.perf_counter() - began)
        # A heartbeat comes every ten seconds, so that the end is noticed even where nothing else is sent.
        await self.socket.waiters.wait_for(lambda: self._open_match() is not None or until.is_set(), PATIENCE)
        match_id = self._open_match()
        if match_id is None:
            await self._call("POST", "queue/leave", None, "in_match")
            return
        self._record.matches.add(match_id)
        await self.socket.waiters.wait_for(lambda: self._is_host(match_id) or self._has_lobby(match_id), PATIENCE)
        if not self._has_lobby(match_id):
            await self._sleep(LOBBY_AFTER)
            await self._call("PUT", f"matches/{match_id}/lobby", {"lobby_id": lobby_of(match_id)})
            await self.socket.waiters.wait_for(lambda: self._has_lobby(match_id), PATIENCE)
        await self._sleep(PLAYS, until)
        body = {"result": result_of(match_id), "violations": []}
        answer = await self._call("POST", f"matches/{match_id}/report", body, "match_done")
        self._record.reports += answer.ok
        self._reported.add(match_id)

    async def _call(self, method: str, path: str, body: Any, *expected: str) -> Answer:
        return await self._api.call(method, path, token=self._token, body=body, expected=expected)

    async def _sleep(self, between: tuple[float, float], until: asyncio.Event | None = None) -> None:
        seconds = self._random.uniform(*between)
        if until is None:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(until.wait(), seconds)
        except TimeoutError:
            return

    @property
    def _me(self) -> dict[str, Any]:
        return self.socket.mirrors[f"user_{self.user_id}"].document or {}

    def _match(self, match_id: str) -> dict[str, Any]:
        mirror = self.socket.mirrors.get(f"match_{match_id}")
        return (mirror.document if mirror else None) or {}

    def _open_match(self) -> str | None:
        match_id = self._me.get("match_id")
        return match_id if match_id and match_id not in self._reported and self._match(match_id) else None

    def _is_host(self, match_id: str) -> bool:
        return self._match(match_id).get("host_user_id") == self.user_id

    def _has_lobby(self, match_id: str) -> bool:
        match = self._match(match_id)
        return bool(match.get("lobby_id")) or match.get("status") == "done"
