"""The AsyncAPI document says what the socket does: held against the code, and against frames of a real server."""

import json
import time
from pathlib import Path

import jsonschema
import pytest
import websockets
from django.core.management import CommandError, call_command

from realtime import conf
from realtime.protocol import frames
from realtime.protocol.frames import BadFrame
from realtime.streams import STREAM_TYPES, without_nulls
from tests.scenes import make_match, players
from tests.waiting import on_database
from unitemate.rest.asyncapi import document
from users import tokens
from users.models import User
from users.services import profile_update

FILE = Path(__file__).resolve().parents[3] / "docs" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def described():
    return json.loads(json.dumps(document()))


def validator(described, action):
    """Checks a frame of this action against its message's payload."""
    payload = described["components"]["messages"][action]["payload"]
    return jsonschema.Draft7Validator({**payload, "components": described["components"]})


def test_the_file_is_what_the_code_says(tmp_path):
    call_command("asyncapi", FILE, check=True)
    other = tmp_path / "other.yaml"
    call_command("asyncapi", other)
    assert other.read_text() == FILE.read_text()
    other.write_text(other.read_text().replace("queueInfo", "queueNews"))
    with pytest.raises(CommandError, match="not what the code says"):
        call_command("asyncapi", other, check=True)


@pytest.mark.parametrize(
    ("action", "fields", "good"),
    [
        ("authenticate", {"token": "t"}, True),
        ("authenticate", {"token": "t", "have": {"queue": {"epoch": "e", "seq": 3}}}, True),
        ("authenticate", {}, False),
        ("authenticate", {"token": "t", "more": 1}, False),
        ("authenticate", {"token": "t", "have": {"queue": {"epoch": "e"}}}, False),
        ("authenticate", {"token": "t", "have": {"queue": {"epoch": "e", "seq": -1}}}, False),
        ("resync", {"stream": "queue"}, True),
        ("resync", {"stream": 1}, False),
        ("ping", {}, True),
        ("ping", {"more": 1}, False),
    ],
)
def test_it_takes_and_refuses_what_the_server_does(described, action, fields, good):
    form = {"authenticate": frames.Authenticate, "resync": frames.Resync, "ping": frames.Ping}[action]
    assert validator(described, action).is_valid({"action": action, **fields}) is good
    if good:
        frames.read({"action": action, **fields}, form, action)
    else:
        with pytest.raises(BadFrame):
            frames.read({"action": action, **fields}, form, action)


def test_every_action_and_every_close_code_is_in_it(described):
    actions = {kind.snapshot for kind in STREAM_TYPES.values()} | {kind.update for kind in STREAM_TYPES.values()}
    actions |= {"welcome", "match_found", "heartbeat", "error", "pong", "unsubscribed"}
    actions |= {"authenticate", "askQueueInfo", "resync", "subscribeMatch", "unsubscribeMatch", "ping"}
    actions |= {"askOperationsInfo", "subscribeOperations", "unsubscribeOperations"}
    assert described["components"]["messages"].keys() == actions
    codes = [close["code"] for close in described["channels"]["socket"]["x-close-codes"]]
    assert codes == [4400, 4401, 4403, 4408, 4409, 4429, 1009, 1012]


@pytest.mark.django_db
def test_the_projections_have_the_fields_of_the_rest_answers(described):
    match = make_match(players())
    keys = {"queue": "", "user": match.host_id, "match": match.match_id, "operations": ""}
    for name, stream_type in STREAM_TYPES.items():
        projected = stream_type.project([keys[name]])[keys[name]]
        fields = described["components"]["schemas"][stream_type.document.__name__]["properties"].keys()
        assert projected.keys() <= fields, name
        assert without_nulls(projected) == projected


async def test_frames_of_a_real_server_are_as_described(server, described):
    (ann,) = await on_database(players)(1, "Ann")
    await on_database(User.objects.filter(pk=ann.pk).update)(subject="dev|Ann")
    seen: dict[str, dict] = {}

    async def read(socket) -> None:
        frame = json.loads(await socket.recv())
        validator(described, frame["action"]).validate(frame)
        seen[frame["action"]] = frame

    async with websockets.connect(server.socket_url) as socket:
        for frame in (
            {"action": "authenticate", "token": tokens.issue_dev_token("Ann")[0]},
            {"action": "ping"},
            {"action": "resync", "stream": "nothing"},
            {"action": "unsubscribeMatch", "match_id": "x"},
        ):
            await socket.send(json.dumps(frame))
        while "userInfo" not in seen:
            await read(socket)  # a match from before that is not found, it is there: matchInfo
        ten = [ann, *(await on_database(players)(9))]
        await on_database(make_match)(ten)
        wanted = {"welcome", "queueInfo", "userInfo", "pong", "error", "unsubscribed", "match_found", "updateQueue"}
        while not wanted | {"user_update", "matchUpdate"} <= seen.keys():
            if "match_found" in seen and "matchUpdate" not in seen:
                await on_database(profile_update)(user=ten[1], trainer_name=f"renamed {len(seen)}")
            await read(socket)
    assert seen["matchUpdate"]["update_types"] == []
    assert seen["welcome"]["now"] == pytest.approx(time.time(), abs=60)
    assert seen["welcome"]["system_version"] == conf.version()


async def test_frames_to_staff_are_as_described(server, described):
    (chief,) = await on_database(players)(1, "Chief")
    await on_database(User.objects.filter(pk=chief.pk).update)(subject="dev|Chief", is_staff=True)
    wanted = [
        {"action": "authenticate", "token": tokens.issue_dev_token("Chief")[0]},
        {"action": "subscribeOperations"},
    ]
    seen = set()
    async with websockets.connect(server.socket_url) as socket:
        for frame in wanted:
            validator(described, frame["action"]).validate(frame)
            await socket.send(json.dumps(frame))
        while "unsubscribed" not in seen:
            frame = json.loads(await socket.recv())
            validator(described, frame["action"]).validate(frame)
            seen.add(frame["action"])
            if frame["action"] == "operationsUpdate":
                await socket.send(json.dumps({"action": "unsubscribeOperations"}))
    assert seen >= {"operationsInfo", "operationsUpdate", "unsubscribed"}
