"""A player's client: what its mirrors show, and what it does by REST."""

from collections.abc import Mapping
from random import Random
from typing import Any

from realtime.client import Client, State, Timing
from unitemate.simulation.api import Answer, Api, Unavailable

Document = dict[str, Any]
Snapshot = tuple[str, int, Document]


class SignInFailed(Exception):
    """The server has no development login, or refuses the name."""


class Player:
    """One player with one connection.

    Args:
        api: of the server.
        name: for the development login, which has one account for each name.
        socket_url: of the socket.
        random: the generator of all of this player's random choices.
        timing: of the connection.

    Attributes:
        user_id: the account's public id, once signed in.
        client: the connection.
    """

    def __init__(self, api: Api, name: str, *, socket_url: str, random: Random, timing: Timing | None = None) -> None:
        self.api, self.name, self.random = api, name, random
        self.user_id = ""
        self._token = ""
        self.client = Client(socket_url, self._tokens, poll=self._poll, timing=timing, chance=random.random)

    async def sign_in(self) -> None:
        """Get a token.

        Raises:
            SignInFailed: the server has no development login, or refuses the name.
            Unavailable: the server does not answer.
        """
        answer = await self.api.call("POST", "auth/dev/login", body={"name": self.name})
        if not answer.ok:
            raise SignInFailed(f"{answer.status} {answer.code}")
        self._token, self.user_id = answer.body["token"], answer.body["user_id"]

    async def connect(self, within: float) -> None:
        """Sign in and open the socket.

        Raises:
            TimeoutError: the mirrors have not arrived within that many seconds.
            SignInFailed, Unavailable: see `sign_in`.
        """
        if not self._token:
            await self.sign_in()
        self.client.start()
        await self.client.wait_for(lambda: self.client.state is State.LIVE and self.me is not None, within)

    # --- what is seen -----------------------------------------------------------------------------

    @property
    def me(self) -> Document | None:
        """The player's own account; None until it has arrived."""
        document: Document | None = self.client.document(f"user_{self.user_id}")
        return document

    @property
    def match_id(self) -> str | None:
        """The id of the open match."""
        return (self.me or {}).get("match_id")

    @property
    def is_queued(self) -> bool:
        return (self.me or {}).get("queue") is not None

    def match(self, match_id: str) -> Document:
        """A match's projection; empty while none is held."""
        return self.client.document(f"match_{match_id}") or {}

    def is_done(self, match_id: str) -> bool:
        return self.match(match_id).get("status") == "done"

    def is_host(self, match_id: str) -> bool:
        return self.match(match_id).get("host_user_id") == self.user_id

    # --- what is done -----------------------------------------------------------------------------

    async def call(self, method: str, path: str, body: Any = None, *expected: str) -> Answer:
        """Call the API as this player; `expected` as for `Api.call`."""
        return await self.api.call(method, path, token=self._token, body=body, expected=expected)

    async def join(self, roles: list[str]) -> Answer:
        return await self.call("POST", "queue/join", {"selected_roles": roles}, "penalty", "in_match")

    async def leave(self) -> Answer:
        return await self.call("POST", "queue/leave", None, "in_match")

    async def set_lobby(self, match_id: str, lobby_id: str) -> Answer:
        return await self.call("PUT", f"matches/{match_id}/lobby", {"lobby_id": lobby_id}, "not_host", "match_done")

    async def report(self, match_id: str, result: str, violations: list[str] | None = None) -> Answer:
        body = {"result": result, "violations": violations or []}
        return await self.call("POST", f"matches/{match_id}/report", body, "match_done")

    # --- the connection's needs -------------------------------------------------------------------

    async def fetch(self, stream: str) -> Snapshot | None:
        """A stream's state by REST; None if there is none."""
        kind, _, key = stream.partition("_")
        path = {"queue": "queue", "user": "users/me", "match": f"matches/{key}"}[kind]
        answer = await self.call("GET", path)
        if not answer.ok:
            return None
        document = dict(answer.body)
        return document.pop("epoch"), document.pop("seq"), document

    async def _poll(self) -> Mapping[str, Snapshot]:
        streams = ["queue", f"user_{self.user_id}"]
        if self.match_id:
            streams.append(f"match_{self.match_id}")
        found = {stream: await self.fetch(stream) for stream in streams}
        return {stream: snapshot for stream, snapshot in found.items() if snapshot is not None}

    async def _tokens(self, renew: bool) -> str:
        if renew or not self._token:
            await self.sign_in()
        return self._token


__all__ = ["Player", "SignInFailed", "Unavailable"]
