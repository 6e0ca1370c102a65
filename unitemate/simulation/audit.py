"""The audit after the evening: whether every mirror is true, and whether anybody is stuck.

All clients reconnect with the states that they hold (`have`). When pushes have stopped, each mirror is compared with
the REST answer for its stream: document, epoch and version.
"""

import asyncio
from collections.abc import Sequence

from realtime.client import State
from realtime.protocol import Mirror, diff
from realtime.streams import without_nulls
from unitemate.simulation import script
from unitemate.simulation.api import Unavailable
from unitemate.simulation.ledger import Ledger
from unitemate.simulation.player import Player, Snapshot

CALM = 1.0  # real seconds without a push after which everybody must hold the committed state
BACK_WITHIN = 120.0  # all come back at once
AT_ONCE = 6  # fewer than make a match


def difference(mirror: Mirror | None, fetched: Snapshot | None) -> str:
    """How a mirror differs from the REST answer, in words; empty if it does not.

    Null and absent count as equal.
    """
    if mirror is None or fetched is None:
        return "" if mirror is None and fetched is None else f"{mirror and mirror.position} against {fetched}"
    epoch, seq, document = fetched
    changes = diff(without_nulls(mirror.document), without_nulls(document))
    if changes != {}:
        return f"lacks {changes}"
    if (mirror.epoch, mirror.seq) != (epoch, seq):
        return f"the same at {mirror.epoch}:{mirror.seq} as at {epoch}:{seq}"
    return ""


async def audit(players: Sequence[Player], ledger: Ledger, seed: int) -> None:
    """Find stuck players, voice channels still held and wrong mirrors, and record them in the ledger."""
    await _each(players, lambda player: _look_for_stuck(player, ledger))
    await asyncio.gather(*(_come_back(player, ledger) for player in players))
    await _calm(players)
    await compare(players, ledger, seed)
    await asyncio.gather(*(player.client.close() for player in players))


async def compare(players: Sequence[Player], ledger: Ledger, seed: int) -> None:
    """Compare every mirror of every player with REST. Each stream is fetched once."""
    holders: dict[str, list[Player]] = {}
    for player in players:
        for stream in player.client.mirrors.held:
            holders.setdefault(stream, []).append(player)

    async def one(stream: str) -> None:
        fetched = await holders[stream][0].fetch(stream)
        if stream.startswith("match_"):
            _close_the_book(stream.removeprefix("match_"), fetched, seed, ledger)
        for player in holders[stream]:
            ledger.compared += 1
            found = difference(player.client.mirrors.held.get(stream), fetched)
            if found:
                ledger.disagreements.append(f"{player.name} {stream}: {found}")

    for start in range(0, len(streams := sorted(holders)), AT_ONCE):
        await asyncio.gather(*(one(stream) for stream in streams[start : start + AT_ONCE]))


def _close_the_book(match_id: str, fetched: Snapshot | None, seed: int, ledger: Ledger) -> None:
    document = fetched[2] if fetched else {}
    late = document.get("players", {}).keys() - ledger.noticed[match_id]
    ledger.unnoticed += [f"match {match_id} by {user_id}" for user_id in sorted(late)]
    if document.get("status") == "done":
        ledger.results[document["result"]] += 1
        ledger.unlike_script += document["result"] != script.of(match_id, seed).result
    else:
        ledger.stuck.append(f"match {match_id} is not done")
        if document.get("vc"):
            ledger.voice_held.append(match_id)


async def _look_for_stuck(player: Player, ledger: Ledger) -> None:
    """Record a player who is still in a match or the queue, or cannot queue without a penalty.

    At most `AT_ONCE` players are checked at a time, since ten in the queue would become a match.
    """
    if not player.user_id:
        return
    try:
        fetched = await player.fetch(f"user_{player.user_id}")
        document = fetched[2] if fetched else {}
        if fetched is None or document.get("match_id") or document.get("queue"):
            ledger.stuck.append(f"{player.name}: match {document.get('match_id')}, queue {document.get('queue')}")
            return
        joined = await player.join(["TANK", "SUPPORT"])
        if joined.code == "penalty" and document.get("penalty"):
            return
        left = await player.leave()
        if not joined.ok or not left.ok:
            ledger.stuck.append(f"{player.name} cannot queue: {joined.code or left.code}")
    except Unavailable as error:
        ledger.stuck.append(f"{player.name}: no answer to {error}")


async def _come_back(player: Player, ledger: Ledger) -> None:
    player.client.start()
    try:
        await player.client.wait_for(lambda: player.client.state is State.LIVE, BACK_WITHIN)
        await player.client.ping(BACK_WITHIN)  # the answer says that `have` has been looked through
    except TimeoutError:
        ledger.faults.append(f"{player.name} does not get back in: {player.client.refused or player.client.state}")


async def _calm(players: Sequence[Player]) -> None:
    """Wait until nothing has been pushed for `CALM` seconds; at most ten times as long."""
    pushed = -1
    for _ in range(10):
        count = sum(player.client.counters.updates + player.client.counters.snapshots for player in players)
        if count == pushed:
            return
        pushed = count
        await asyncio.sleep(CALM)


async def _each(players: Sequence[Player], visit) -> None:
    for start in range(0, len(players), AT_ONCE):
        await asyncio.gather(*(visit(player) for player in players[start : start + AT_ONCE]))
