"""The audit finds what is wrong: a simulation that could not fail would prove nothing."""

from random import Random

import pytest
from asgiref.sync import sync_to_async

from queue_app.models import Entry
from realtime.client import State
from realtime.protocol import Mirror
from tests import scenes
from unitemate.simulation.api import Api
from unitemate.simulation.audit import audit, compare, difference
from unitemate.simulation.ledger import Ledger
from unitemate.simulation.player import Player
from users.models import User

WITHIN = 20.0


def test_equal_documents_agree_and_null_is_absent():
    held = Mirror("e", 3, {"total_waiting": 2, "previous_matched_at": None})
    assert difference(held, ("e", 3, {"total_waiting": 2, "estimated_wait": None})) == ""
    assert difference(None, None) == ""


@pytest.mark.parametrize(
    "fetched",
    [
        ("e", 3, {"total_waiting": 1}),
        ("e", 3, {"total_waiting": 2, "more": 0}),
        ("e", 3, {}),
        ("e", 4, {"total_waiting": 2}),
        ("f", 3, {"total_waiting": 2}),
        None,
    ],
    ids=["value", "missing", "too much", "seq", "epoch", "gone"],
)
def test_whatever_differs_is_told(fetched):
    assert difference(Mirror("e", 3, {"total_waiting": 2}), fetched)
    assert difference(None, fetched) or fetched is None


@pytest.fixture
async def players(server):
    """Two players of a real server, connected, with all they mirror."""
    async with Api(server.url) as api:
        made = [Player(api, f"Audited {n}", socket_url=server.socket_url, random=Random(n)) for n in (1, 2)]
        for player in made:
            await player.connect(WITHIN)
            await player.client.wait_for(lambda player=player: player.client.document("queue") is not None, WITHIN)
        yield made
        for player in made:
            await player.client.close()


async def test_a_good_evening_passes(players):
    ledger = Ledger(2)
    await players[0].client.close()
    await audit(players, ledger, seed=1)
    assert (ledger.disagreements, ledger.stuck, ledger.faults) == ([], [], [])
    assert ledger.compared == 4
    assert all(player.client.state is State.OFFLINE for player in players)


async def test_a_falsified_mirror_is_found(players):
    ledger = Ledger(2)
    players[1].client.mirrors.held["queue"].document = {"total_waiting": 77}
    await compare(players, ledger, seed=1)
    assert len(ledger.disagreements) == 1
    assert ledger.disagreements[0].startswith("Audited 2 queue: ")


async def test_a_mirror_at_another_version_is_found(players):
    ledger = Ledger(2)
    players[0].client.mirrors.held[f"user_{players[0].user_id}"].seq += 1
    await compare(players, ledger, seed=1)
    assert len(ledger.disagreements) == 1


async def test_a_player_left_in_the_queue_is_found(players):
    ledger = Ledger(2)
    assert (await players[0].join(["TANK", "MIDDLE"])).ok
    await audit(players, ledger, seed=1)
    assert len(ledger.stuck) == 1
    assert await Entry.objects.acount() == 1


async def test_a_match_without_an_end_and_its_voice_channels_are_found(players):
    def make_match():
        two = User.objects.filter(pk__in=[player.user_id for player in players])
        return scenes.make_match([*two, *scenes.players(8)])

    match = await sync_to_async(make_match)()
    for player in players:
        await player.client.wait_for(lambda player=player: bool(player.match(match.match_id)), WITHIN)
    ledger = Ledger(2)
    await audit(players, ledger, seed=1)
    assert ledger.voice_held == [match.match_id]
    assert len(ledger.stuck) == 3  # the match and its two players
    assert ledger.disagreements == []
