"""Bots fill a match, agree on its result without talking, and queue again; they leave a human host his time."""

import asyncio
from dataclasses import replace
from random import Random

from asgiref.sync import sync_to_async

from matches.models import Match
from matches.services import matches_advance, matchmaking_round
from unitemate.simulation import bots
from unitemate.simulation.player import Player

WITHIN = 60.0


QUICK = bots.Pace(lobby_after=(0.0, 0.1), plays_for=(0.3, 0.9), between_matches=(0.05, 0.2))
"""Bots of a hundredth of the patience."""


async def until(predicate, *, matchmaking=True):
    """Wait for something in the database, while a matchmaker works."""
    async with asyncio.timeout(WITHIN):
        while not await sync_to_async(predicate)():
            if matchmaking:
                await sync_to_async(matchmaking_round)()
                await sync_to_async(matches_advance)()
            await asyncio.sleep(0.1)


async def test_ten_bots_play_match_after_match(server):
    playing = asyncio.create_task(bots.run_bots(server.url, 10, pace=QUICK))
    try:
        await until(lambda: Match.objects.filter(status="done").count() >= 2)
    finally:
        playing.cancel()
        await asyncio.wait((playing,))
    for match in await sync_to_async(lambda: list(Match.objects.filter(status="done")))():
        assert match.result == bots.result_of(match.match_id)
        assert match.lobby_id == bots.lobby_of(match.match_id)


async def test_a_visitor_gets_a_match_and_the_time_to_host_it(server):
    playing = asyncio.create_task(bots.run_bots(server.url, 9, pace=QUICK))
    try:
        async with bots.Api(server.url) as api:
            visitor = Player(api, "Visitor", socket_url=server.socket_url, random=Random(1))
            await visitor.connect(WITHIN)
            await visitor.join(["TANK", "SUPPORT"])
            await until(lambda: Match.objects.exists())
            await visitor.client.wait_for(lambda: bool(visitor.match(visitor.match_id or "")), WITHIN)
            match_id = visitor.match_id
            host = visitor.match(match_id)["host_user_id"]
            if host != visitor.user_id:
                await visitor.client.wait_for(lambda: "lobby_id" in visitor.match(match_id), WITHIN)
            else:
                assert (await visitor.set_lobby(match_id, "12345678")).ok
            assert (await visitor.report(match_id, bots.result_of(match_id))).ok
            await visitor.client.wait_for(lambda: visitor.is_done(match_id), WITHIN)
            await visitor.client.close()
    finally:
        playing.cancel()
        await asyncio.wait((playing,))


async def test_without_a_lobby_in_time_bots_call_it_off(server, monkeypatch):
    monkeypatch.setattr(Player, "is_host", lambda self, match_id: False)  # as if a human hosted, and slept
    monkeypatch.setattr(bots, "_system", system_of(lobby=0.1))
    playing = asyncio.create_task(bots.run_bots(server.url, 10, pace=replace(QUICK, leeway=0.5)))
    try:
        await until(lambda: Match.objects.filter(result="invalid").exists())
    finally:
        playing.cancel()
        await asyncio.wait((playing,))


def system_of(**limits):
    """A stand-in for asking `/api/system`, with other time limits."""
    ask = bots._system

    async def system(api):
        answer = await ask(api)
        return answer | {"limits": answer["limits"] | limits}

    return system
