"""A client written against the contract alone: ten players over a whole match, real processes throughout.

It knows REST and the socket, has a mirror of its own, and shares no code with the service.
"""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets

from tests.site import running_site

ROLES = ["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"]


@pytest.fixture(scope="module")
def site():
    """Server and matchmaker as processes, on a database of their own."""
    with running_site("contract", REALTIME_HEARTBEAT="2") as site:
        site.children.start("matchmaker", "run_matchmaker", environment=site.environment)
        yield site


@pytest.fixture
def url(site):
    return site.url


def merge(target, patch):
    """RFC 7396, section 2, as its pseudocode has it."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merge(target.get(name), value)
    return target


def bare(value):
    """Without nulls: null and absent mean the same."""
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items() if item is not None}
    return value


class Player:
    """One player: a token, a socket, mirrors."""

    def __init__(self, http: httpx.AsyncClient, name: str) -> None:
        self.http, self.name = http, name
        self.mirrors: dict[str, dict] = {}
        self.positions: dict[str, tuple[str, int]] = {}
        self.actions: list[str] = []
        self.sent = 0
        self.changed = asyncio.Event()

    async def sign_in(self) -> None:
        answer = await self.http.post("/api/auth/dev/login", json={"name": self.name})
        assert answer.status_code == 200, answer.text
        self.token, self.user_id = answer.json()["token"], answer.json()["user_id"]

    async def call(self, method: str, path: str, body=None, expect: int = 200):
        answer = await self.http.request(
            method, f"/api{path}", json=body, headers={"Authorization": f"Bearer {self.token}"}
        )
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    @asynccontextmanager
    async def connected(self, socket_url: str):
        async with websockets.connect(socket_url) as self.socket:
            have = {stream: {"epoch": epoch, "seq": seq} for stream, (epoch, seq) in self.positions.items()}
            await self.send(action="authenticate", token=self.token, **({"have": have} if have else {}))
            reader = asyncio.create_task(self.read())
            try:
                yield self
            finally:
                reader.cancel()

    async def send(self, **frame) -> None:
        self.sent += 1
        await self.socket.send(json.dumps(frame))

    async def read(self) -> None:
        async for text in self.socket:
            frame = json.loads(text)
            self.actions.append(frame["action"])
            if "data" in frame:
                self.mirrors[frame["stream"]] = frame["data"]
                self.positions[frame["stream"]] = (frame["epoch"], frame["seq"])
            elif "changes" in frame:
                epoch, seq = self.positions[frame["stream"]]
                assert frame["epoch"] == epoch
                if frame["seq"] > seq:
                    assert frame["prev"] == seq, "a gap, on a healthy system"
                    self.mirrors[frame["stream"]] = merge(self.mirrors[frame["stream"]], frame["changes"])
                    self.positions[frame["stream"]] = (epoch, frame["seq"])
            self.changed.set()

    async def until(self, condition) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    @property
    def me(self) -> dict:
        return self.mirrors[f"user_{self.user_id}"]

    @property
    def match(self) -> dict:
        return self.mirrors[f"match_{self.me['match_id']}"]

    async def compare(self) -> None:
        """Every mirror equals what REST says, to the number; one heartbeat is given for it."""
        paths = {"queue": "/queue", f"user_{self.user_id}": "/users/me"}
        paths |= {stream: f"/matches/{stream[6:]}" for stream in self.mirrors if stream.startswith("match_")}
        assert paths.keys() == self.mirrors.keys()
        for stream, path in paths.items():
            rest = await self.call("GET", path)
            await self.until(lambda: self.positions[stream] == (rest["epoch"], rest["seq"]))  # noqa: B023
            fields = {key: value for key, value in rest.items() if key not in ("epoch", "seq")}
            assert bare(self.mirrors[stream]) == bare(fields), stream


async def test_ten_players_play_a_whole_match(url):
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
        system = (await http.get("/api/system")).json()
        players = [Player(http, f"Player {number}") for number in range(10)]
        for player in players:
            await player.sign_in()
        assert len({player.user_id for player in players}) == 10
        async with asyncio.TaskGroup() as group:
            done = asyncio.Event()
            ready = [asyncio.Event() for _ in players]

            async def live(player: Player, up: asyncio.Event) -> None:
                async with player.connected(system["socket_url"]):
                    await player.until(lambda: len(player.mirrors) == 2)
                    up.set()
                    await done.wait()

            for player, up in zip(players, ready, strict=True):
                group.create_task(live(player, up))
            for up in ready:
                await asyncio.wait_for(up.wait(), 30)
            try:
                await play(players)
            finally:
                done.set()
        assert {player.sent for player in players} == {1}
        await come_back(players[0], system["socket_url"])


async def play(players: list[Player]) -> None:
    for index, player in enumerate(players):
        roles = {"selected_roles": [ROLES[index % 5], ROLES[(index + 1) % 5]]}
        joined = await player.call("POST", "/queue/join", roles, 201)
        assert joined["in_queue"]
        if index < 9:
            assert (await player.call("GET", "/users/me"))["queue"]["selected_roles"] == roles["selected_roles"]
            await player.call("POST", "/queue/join", roles, 200)
    for player in players:
        await player.until(lambda: player.me.get("match_id") and f"match_{player.me['match_id']}" in player.mirrors)  # noqa: B023
        assert "match_found" in player.actions
        assert "queue" not in player.me
    (match_id,) = {player.me["match_id"] for player in players}
    seats = players[0].match["players"]
    assert sorted((seat["team"], seat["role"]) for seat in seats.values()) == sorted(
        (t, r) for t in "AB" for r in ROLES
    )
    host = next(player for player in players if player.user_id == player.match["host_user_id"])
    guest = next(player for player in players if player is not host)

    refusal = await guest.call("PUT", f"/matches/{match_id}/lobby", {"lobby_id": "12345678"}, 403)
    assert refusal["errors"][0]["code"] == "not_host"
    await host.call("PUT", f"/matches/{match_id}/lobby", {"lobby_id": "1234"}, 400)
    await host.call("PUT", f"/matches/{match_id}/lobby", {"lobby_id": "12345678"})
    for player in players:
        await player.until(lambda: player.match.get("lobby_id") == "12345678")  # noqa: B023
    await asyncio.gather(*(player.compare() for player in players))

    assert (await guest.call("POST", "/queue/join", {"selected_roles": ROLES[:2]}, 409))["errors"][0][
        "code"
    ] == "in_match"
    reports = {"A": players[:0], "B": players[:0]}
    for team in reports:
        reports[team] = [player for player in players if seats[player.user_id]["team"] == team]
    order = [player for pair in zip(reports["A"], reports["B"], strict=True) for player in pair]
    for count, player in enumerate(order[:6], start=1):
        await player.call("POST", f"/matches/{match_id}/report", {"result": "A-win"})
        await player.call("POST", f"/matches/{match_id}/report", {"result": "A-win"})
        if count < 6:
            refusal = await player.call("POST", f"/matches/{match_id}/report", {"result": "B-win"}, 409)
            assert refusal["errors"][0]["code"] == "already_reported"
    late = await order[6].call("POST", f"/matches/{match_id}/report", {"result": "A-win"}, 409)
    assert late["errors"][0]["code"] == "match_done"

    for player in players:
        mirror = f"match_{match_id}"
        await player.until(lambda: player.mirrors[mirror]["status"] == "done")  # noqa: B023
        assert player.mirrors[mirror]["result"] == "A-win"
        delta = player.mirrors[mirror]["rate_deltas"][player.user_id]
        won = seats[player.user_id]["team"] == "A"
        assert (delta > 0) == won
        await player.until(lambda: player.me["match_count"] == 1 and "match_id" not in player.me)  # noqa: B023
        assert (player.me["rate"], player.me["last_rate_delta"]) == (1500 + delta, delta)
        records = await player.call("GET", "/users/me/records")
        assert records["results"][0]["match_id"] == match_id
    await asyncio.gather(*(player.compare() for player in players))
    again = await players[0].call("POST", "/queue/join", {"selected_roles": ROLES[:2]}, 201)
    assert again["in_queue"]
    await players[0].until(lambda: "queue" in players[0].me)


async def come_back(player: Player, socket_url: str) -> None:
    """After a pause `have` brings just what has changed, and every mirror is right again."""
    await player.call("POST", "/queue/leave")
    player.actions.clear()
    async with player.connected(socket_url):
        await player.until(lambda: "queue" not in player.me)
        await player.compare()
        assert "matchInfo" not in player.actions
