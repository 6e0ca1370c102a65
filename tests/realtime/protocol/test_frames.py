"""Frames: what is understood, and the error for what is not."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from realtime.protocol import frames
from realtime.protocol.frames import BadFrame


@pytest.mark.parametrize(
    "text", ["", "no", "[]", "1", "null", '"a"', "{}", '{"action":1}', '{"action":""}', "[" * 5000]
)
def test_what_is_no_object_with_an_action_is_a_bad_request(text):
    with pytest.raises(BadFrame) as caught:
        frames.decode(text)
    assert caught.value.code == "bad_request"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"token": 1},
        {"token": "t" * 9000},
        {"token": "t", "extra": 1},
        {"token": "t", "have": []},
        {"token": "t", "have": {"queue": {}}},
        {"token": "t", "have": {"queue": {"epoch": "e", "seq": -1}}},
        {"token": "t", "have": {"queue": {"epoch": "e", "seq": "1"}}},
        {"token": "t", "have": {"queue": {"epoch": "e", "seq": 1, "more": 1}}},
        {"token": "t", "have": {f"s{n}": {"epoch": "e", "seq": 1} for n in range(65)}},
    ],
)
def test_a_frame_with_wrong_fields_names_its_action(fields):
    with pytest.raises(BadFrame) as caught:
        frames.read({"action": "authenticate", **fields}, frames.Authenticate, "authenticate")
    assert (caught.value.code, caught.value.ref) == ("bad_request", "authenticate")


def test_a_good_frame_is_read():
    action, frame = frames.decode('{"action":"authenticate","token":"t","have":{"queue":{"epoch":"e","seq":4}}}')
    read = frames.read(frame, frames.Authenticate, action)
    assert read.have["queue"].seq == 4


@given(st.text() | st.binary())
def test_any_input_is_read_or_refused(text):
    with contextlib.suppress(BadFrame):
        action, frame = frames.decode(text)
        assert frame["action"].startswith(action)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (frames.Pong(), {"action": "pong"}),
        (frames.Heartbeat({"queue": 3}), {"action": "heartbeat", "heads": {"queue": 3}}),
        (frames.Heartbeat({"queue": 3}, True), {"action": "heartbeat", "heads": {"queue": 3}, "uncertain": True}),
        (frames.Error("forbidden", "No."), {"action": "error", "code": "forbidden", "detail": "No.", "ref": None}),
        (
            frames.Update("updateQueue", "queue", "e", 2, 1, {"a": None}, 1.5),
            {
                "action": "updateQueue",
                "stream": "queue",
                "epoch": "e",
                "seq": 2,
                "prev": 1,
                "changes": {"a": None},
                "timestamp": 1.5,
            },
        ),
    ],
)
def test_a_server_frame_has_the_fields_of_the_contract(frame, expected):
    assert json.loads(frames.payload(frames.encode(frame))) == expected


@pytest.mark.parametrize("size", [0, 1, 60, 125 - 30, 126, 1000, 65_500, 70_000])
def test_the_finished_frame_is_what_a_websocket_library_reads(size):
    encoded = frames.encode(frames.Error("too_large", "d" * size))
    client = ClientProtocol(parse_uri("ws://x/"), state=State.OPEN, max_size=None)
    client.receive_data(encoded)
    (frame,) = client.events_received()
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, frames.payload(encoded))
