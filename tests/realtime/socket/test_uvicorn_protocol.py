"""One connection's protocol: what a client's frames may cost, and how a link ends, on a clock moved by hand."""

import logging

import pytest
from websockets.frames import Opcode

from realtime.socket import parser, uvicorn_protocol
from realtime.socket.admission import BURST, WARNINGS
from tests.realtime.protocols import Link, frame, text

ALL = BURST + WARNINGS


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture(autouse=True)
def time_stands_still(monkeypatch):
    """So that a bucket fills up only where a test says so."""
    monkeypatch.setattr(parser.time, "monotonic", lambda: 1000.0)


# --- what frames may cost ------------------------------------------------------------------------


def test_of_many_pings_the_newest_is_answered(link):
    link.receive(b"".join(frame(Opcode.PING, b"%d" % n) for n in range(10)))
    assert link.frames() == [(Opcode.PONG, b"9")]


def test_a_client_that_does_not_read_is_owed_one_pong(link):
    link.fill()
    for n in range(10):
        link.receive(frame(Opcode.PING, b"%d" % n))
    assert link.frames() == []
    link.drain()
    assert link.frames() == [(Opcode.PONG, b"9")]


@pytest.mark.parametrize(
    "flood",
    [
        lambda n: frame(Opcode.PING) * n,
        lambda n: frame(Opcode.PONG) * n,
        lambda n: frame(Opcode.PING, b"x" * 125) * n,
        lambda n: (text("{", fin=False) + frame(Opcode.CONT)) * n,
        lambda n: (text("", fin=False) + frame(Opcode.PING) + frame(Opcode.CONT)) * n,
    ],
    ids=["pings", "pongs", "large pings", "messages in pieces", "pings within messages"],
)
def test_a_flood_of_frames_that_no_consumer_sees_is_closed(link, flood):
    link.receive(flood(10_000))
    while link.protocol.conn.parser_exc is None:  # messages are taken one by one
        assert link.event()["type"] == "websocket.receive"
    assert link.codes() == [4429]
    assert link.event() == {"type": "websocket.disconnect", "code": 4429, "reason": "too many frames"}
    assert not link.protocol.conn.reader.buffer  # what else came is not kept


def test_what_a_bucket_holds_is_let_through_and_no_frame_more_is_looked_at(link):
    link.receive(frame(Opcode.PING) * ALL)
    assert link.frames() == [(Opcode.PONG, b"")]
    link.receive(frame(Opcode.PING, b"last") * 1000)
    assert link.codes() == [4429]
    assert link.protocol.bucket.refused == WARNINGS + 1


def test_the_consumer_and_the_protocol_take_from_one_bucket(link):
    for _ in range(BURST):
        assert link.protocol.bucket.take(1000.0)
    link.receive(frame(Opcode.PING) * (WARNINGS + 1))
    assert link.codes() == [4429]


def test_messages_are_parsed_one_by_one_as_the_consumer_takes_them(link):
    link.receive(text("a") + text("b") + frame(Opcode.PING, b"p"))
    assert link.protocol.queue.qsize() == 1
    assert not link.transport.is_reading
    assert [link.event()["text"], link.event()["text"]] == ["a", "b"]
    assert link.frames() == [(Opcode.PONG, b"p")]
    assert link.transport.is_reading


def test_a_message_in_a_few_fragments_comes_as_one(link):
    link.receive(text("a", fin=False) + frame(Opcode.PING) + frame(Opcode.CONT, b"b", fin=False))
    link.receive(frame(Opcode.CONT, b"c"))
    assert link.event()["text"] == "abc"


def test_a_message_of_too_many_fragments_is_too_large(link, monkeypatch):
    monkeypatch.setattr(parser, "WARNINGS", 10_000)
    link.receive(text("{", fin=False) + frame(Opcode.CONT, fin=False) * parser.FRAGMENTS)
    assert link.codes() == [1009]


def test_a_message_that_does_not_come_to_an_end_is_ended(link, monkeypatch):
    link.receive(text("{", fin=False))
    for seconds, codes in ((10, []), (parser.MESSAGE_WITHIN + 1, [1009])):
        monkeypatch.setattr(parser.time, "monotonic", lambda seconds=seconds: 1000.0 + seconds)
        link.clock.advance(10)
        assert link.codes() == codes


def test_after_the_close_what_still_comes_is_limited_too(link):
    link.close()
    assert link.codes() == [4401]
    link.receive(text("x") * 10_000)
    assert link.protocol.conn.parser_exc is not None
    assert not link.protocol.conn.reader.buffer
    assert link.frames() == []  # one close is enough


# --- faults of the client ------------------------------------------------------------------------


BROKEN = {
    "text that is not UTF-8": (text(b"\xff"), 1007),
    "the same in fragments": (text(b"\xe3\x81", fin=False) + frame(Opcode.CONT, b"\xff"), 1007),
    "a reason that is not UTF-8": (frame(Opcode.CLOSE, b"\x03\xe8\xff"), 1007),
    "too large": (text("x" * 70_000), 1009),
    "reserved bits": (b"\xf1\x80\1\2\3\4", 1002),
    "no mask": (b"\x81\x01x", 1002),
    "no beginning": (frame(Opcode.CONT), 1002),
    "no end": (text("", fin=False) + text(""), 1002),
    "a close amid a message": (text("", fin=False) + frame(Opcode.CLOSE, b"\x03\xe8"), 1002),
    "half a code": (frame(Opcode.CLOSE, b"\x03"), 1002),
}


@pytest.mark.parametrize(("data", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_frame_is_the_clients_fault(link, data, code, caplog):
    with caplog.at_level(logging.INFO):
        link.receive(data)
        assert link.codes() == [code]
        assert link.event()["code"] == code
        link.clock.advance(uvicorn_protocol.CLOSE_TIMEOUT)
        link.protocol.connection_lost(None)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_client_is_given_time_to_read_why_it_is_closed(link):
    """Closed at once, with what it sent unread, its system would throw the reason away."""
    link.receive(text(b"\xff"))
    link.receive(b"x" * 1000)  # passed over
    assert link.transport.is_reading
    assert not link.transport.closing
    link.clock.advance(uvicorn_protocol.REFUSAL_CLOSE_DELAY)
    assert link.transport.closing
    link.clock.advance(uvicorn_protocol.CLOSE_TIMEOUT)
    assert link.transport.aborted


def test_nothing_is_written_to_a_client_that_was_refused(link):
    link.receive(text(b"\xff"))
    link.protocol.write_frame(b"more")
    link.drain()
    link.clock.advance(20)
    assert link.codes() == [1007]
    assert link.told == [False]


# --- the end -------------------------------------------------------------------------------------

DECISIONS = {
    "the application closes": Link.close,
    "the client closes": lambda link: link.receive(frame(Opcode.CLOSE, b"\x03\xe8")),
    "the client sends no more": lambda link: link.protocol.eof_received(),
    "the client breaks a rule": lambda link: link.receive(text(b"\xff")),
    "the server stops": lambda link: link.protocol.shutdown(),
    "the consumer decides": lambda link: link.protocol.abort_later(),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_a_decided_end_does_not_wait_for_the_client(link, decide):
    link.transport.unread = 1000  # it takes nothing
    decide(link)
    link.clock.advance(uvicorn_protocol.CLOSE_TIMEOUT - 0.1)
    assert not link.transport.aborted
    link.clock.advance(0.1)
    assert link.transport.aborted


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_the_server_may_stop_whatever_was_decided_before(link, decide):
    decide(link)
    link.protocol.shutdown()
    assert link.transport.closing


def test_a_link_that_has_ended_is_not_ended_again(link):
    link.close()
    link.protocol.connection_lost(None)
    link.transport.aborted = False
    link.clock.advance(60)
    assert not link.transport.aborted


# --- whether it lives ----------------------------------------------------------------------------


def ping(link: Link) -> bytes:
    """The payload of the ping that is due."""
    link.clock.advance(10)
    (payload,) = [data for opcode, data in link.frames() if opcode is Opcode.PING]
    return payload


def pass_(link: Link, seconds: int) -> None:
    for _ in range(seconds):
        link.clock.advance(1)


def test_a_client_that_answers_stays_and_one_that_does_not_goes(link):
    for _ in range(3):
        link.receive(frame(Opcode.PONG, ping(link)))
    ping(link)
    pass_(link, 9)
    assert link.codes() == []
    pass_(link, 1)
    assert link.codes() == [1011]
    pass_(link, int(uvicorn_protocol.CLOSE_TIMEOUT))
    assert link.transport.aborted


def test_a_client_that_sends_lives_however_late_its_pong(link):
    payload = ping(link)
    for _ in range(20):
        pass_(link, 9)
        link.receive(text("x"))
        link.event()
    assert link.codes() == []
    link.receive(frame(Opcode.PONG, payload))
    assert ping(link)


def test_a_client_that_takes_what_waits_lives(link):
    """A slow reader: the ping waits behind a hundred kilobytes, of which it takes some in twenty seconds."""
    link.transport.unread = 100_000
    link.fill()
    payload = ping(link)
    for _ in range(10):
        pass_(link, 20)
        link.transport.unread -= 9_000
    assert link.codes() == []
    link.receive(frame(Opcode.PONG, payload))
    assert link.codes() == []


def test_a_client_that_drains_the_link_lives(link):
    ping(link)
    for _ in range(5):
        link.fill()
        pass_(link, 40)
        link.drain()
    assert link.codes() == []


def test_a_client_that_takes_nothing_for_long_goes_although_its_link_is_full(link):
    link.transport.unread = 100_000
    link.fill()
    link.clock.advance(10)
    pass_(link, int(uvicorn_protocol.STALLED_TIMEOUT) - 1)
    assert not link.protocol.close_sent
    pass_(link, 1)
    assert link.protocol.close_sent
    pass_(link, int(uvicorn_protocol.CLOSE_TIMEOUT))
    assert link.transport.aborted


def test_a_pong_may_be_as_late_as_it_grows_by_degrees(link):
    """What waits for a slow client where nobody sees it: in its own system, and in a proxy."""
    for late in (9, 18, 36):
        payload = ping(link)
        pass_(link, late)
        assert link.codes() == []
        link.receive(frame(Opcode.PONG, payload))
    ping(link)
    pass_(link, int(uvicorn_protocol.STALLED_TIMEOUT))
    assert link.codes() == [1011]


def test_a_pong_may_be_late_behind_what_was_sent_before_the_ping(link):
    """A proxy has taken all of it, and the client takes it slowly."""
    link.protocol.bytes_sent = lambda: 40 * uvicorn_protocol.MIN_BYTES_PER_SECOND
    payload = ping(link)
    pass_(link, 39)
    assert link.codes() == []
    link.receive(frame(Opcode.PONG, payload))
    assert ping(link)


def test_what_was_sent_before_an_answered_ping_excuses_nothing_any_more(link):
    link.protocol.bytes_sent = lambda: 40 * uvicorn_protocol.MIN_BYTES_PER_SECOND
    link.receive(frame(Opcode.PONG, ping(link)))
    ping(link)
    pass_(link, 10)
    assert link.codes() == [1011]
