"""The hops of the socket: handshake, origin, authentication, subscriptions, a push, the heartbeat."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from realtime.protocol import close_codes
from unitemate.doctor.cases import Case, Fault, Skip
from unitemate.doctor.fetching import LARGEST, PATIENCE, Straight
from unitemate.doctor.identity import bearer
from unitemate.doctor.service import JOURNAL, NO_RELAY

FOREIGN = "https://realtime-doctor.invalid"
"""An origin that nobody allows (RFC 2606)."""
PROMPT = 1.0
"""Seconds within which a change arrives on a healthy system."""
LATE = 6.0
"""Seconds after which it is taken not to come: the comparison with the database would have found it."""
LONGEST_HEARTBEAT = 60.0
"""Seconds; a proxy ends a socket that is silent for longer."""
MOST_FRAMES = 10_000
"""Frames that are kept of an examination."""
SEE = "See URL, and the settings of the server."
HEARTBEAT_MARGIN = 3.0
"""Seconds by which a heartbeat may be late."""

UPGRADE = (
    "The proxy does not pass the upgrade to WebSocket on.",
    "nginx, for /ws/: proxy_http_version 1.1, and the headers Upgrade and Connection, as in deploy/nginx.conf.",
)
HANDSHAKES = {
    400: UPGRADE,
    404: UPGRADE,
    426: UPGRADE,
    403: ("Something before the server refuses it, such as a firewall for web applications.", "Let /ws/ pass it."),
    429: ("Too many connections from this address.", "Wait; or raise limit_conn in nginx.conf."),
    500: ("The server fails at the handshake.", f"{JOURNAL}."),
    502: (
        "The proxy finds no worker for it, or breaks the upgrade off.",
        "Compare `upstream` with the workers' sockets (or addresses), and the Upgrade headers with deploy/nginx.conf.",
    ),
}
CLOSES = {
    close_codes.UNAUTHENTICATED.code: ("The token is not valid, or not any more.", "Take a fresh one."),
    close_codes.FORBIDDEN.code: ("The account is banned, or the origin is not allowed.", "See the origin above."),
    close_codes.TIMED_OUT.code: ("The first frame did not reach the server.", "Look for what holds frames back."),
    close_codes.TOO_MANY.code: (
        "The account or the address holds too many sockets; all clients share an address where the proxy hides theirs.",
        "Close some; see the proxy's headers above.",
    ),
    close_codes.RATE_LIMITED.code: ("Too many frames.", "Wait."),
    close_codes.RESTARTING.code: (
        "The worker is on its way out, or cannot check tokens at the moment.",
        "Come back in a moment; see /readyz and the provider's keys above.",
    ),
}


async def handshake(case: Case) -> str:
    """The WebSocket upgrade succeeds."""
    async with _opened(case, _own_origin(case)) as socket:
        return f"101 from {socket.remote_address[0]}"


async def origin(case: Case) -> str:
    """Pages of the site may open the socket, and pages of other sites may not.

    Raises:
        Fault: the site's own pages are refused, or those of any site are accepted.
    """
    page = case.origin or _own_origin(case)
    refused = await _is_refused(case, page)
    if refused:
        raise Fault(
            f"pages of {page} are refused (4403)",
            "The origin is neither the name that the server is asked by nor one of ALLOWED_ORIGINS.",
            f"Add {page} to ALLOWED_ORIGINS, without a path; nginx: proxy_set_header Host $host$asked_port.",
        )
    if not await _is_refused(case, FOREIGN):
        raise Fault(
            "pages of any site may open the socket",
            "Something before the server removes or changes the header Origin.",
            "Let it pass Origin on as it came.",
        )
    return f"{page} is welcome, others are not"


async def authenticate(case: Case) -> str:
    """The socket accepts the token.

    Raises:
        Fault: no welcome comes.
    """
    case.socket = await _connect(case, case.origin or _own_origin(case))
    began = time.monotonic()
    await _send(case, action="authenticate", token=case.token)
    frame = await _receive(case, lambda frame: frame["action"] == "welcome", PATIENCE)
    if frame is None:
        raise Fault(
            f"no welcome within {PATIENCE:.0f} s", "Frames are held back on the way.", "nginx: proxy_buffering off."
        )
    return f"welcome after {(time.monotonic() - began) * 1000:.0f} ms, until {_utc(frame['expires_at'])}"


async def subscribe(case: Case) -> str:
    """Each stream of the welcome sends its state.

    Raises:
        Fault: a state is missing.
    """
    promised = set(_welcome(case)["streams"])

    def all_there(_: Any = None) -> bool:
        return promised <= {frame["stream"] for frame in case.frames if "data" in frame}

    if not all_there() and await _receive(case, all_there, PATIENCE) is None:
        missing = promised - {frame["stream"] for frame in case.frames if "data" in frame}
        raise Fault(
            f"no state of {', '.join(sorted(missing))}",
            "The server cannot read it from the database.",
            f"See the database above; {JOURNAL}.",
        )
    return ", ".join(sorted(promised))


async def push(case: Case) -> str:
    """A committed change arrives. If no change may be made, the state is requested again instead.

    Raises:
        Fault: the change does not arrive, or arrives late.
    """
    stream = f"user_{_welcome(case)['user_id']}"
    if not case.changes or stream not in _welcome(case)["streams"]:
        await _send(case, action="resync", stream=stream)
        if await _receive(case, lambda frame: frame.get("stream") == stream and "data" in frame, PATIENCE) is None:
            raise Fault(f"no answer within {PATIENCE:.0f} s", "The worker hangs.", f"{JOURNAL}.")
        return "no change was made (--read-only); the state came again when asked for"
    bio = (await case.http.get("/api/users/me/profile", headers=bearer(case))).json()["bio"]
    mark = f"realtime_doctor {secrets.token_hex(4)}"
    try:
        await _write(case, mark)
        began = time.monotonic()
        frame = await _receive(case, lambda frame: (frame.get("changes") or {}).get("bio") == mark, LATE)
        took = time.monotonic() - began
    finally:
        await _write(case, bio)
    if frame is None:
        raise Fault(f"a change was committed and did not arrive within {LATE:.0f} s", *NO_RELAY)
    if took > PROMPT:
        raise Fault(
            f"a change arrived after {took:.1f} s",
            "The channel layer has lost it, and the comparison with the database has found it; or the server is busy.",
            "See the channel layer above; compare REDIS_URL and REDIS_PREFIX of all workers, and their load.",
        )
    return f"{took * 1000:.0f} ms after its commit"


async def heartbeat(case: Case) -> str:
    """The heartbeat arrives while nothing else happens.

    Raises:
        Fault: it does not arrive, or its interval is too long.
    """
    every = float(_welcome(case)["heartbeat"])
    if not 0 < every <= LONGEST_HEARTBEAT:
        raise Fault(f"a heartbeat is told for each {every:g} s", "REALTIME_HEARTBEAT is not what it should be.", SEE)
    began = time.monotonic()
    frame = await _receive(case, lambda frame: frame["action"] == "heartbeat", every + HEARTBEAT_MARGIN)
    if frame is None:
        raise Fault(
            f"nothing within {every + HEARTBEAT_MARGIN:.0f} s",
            "Frames are held back on the way, or the worker hangs.",
            "nginx: proxy_buffering off, and proxy_read_timeout longer than the heartbeat.",
        )
    return f"after {time.monotonic() - began:.1f} s; one each {every:g} s"


# --- the socket itself ----------------------------------------------------------------------------


def _own_origin(case: Case) -> str:
    """The origin of the site's own pages. A browser omits a default port."""
    parts = urlsplit(case.told["socket_url"])
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


async def _connect(case: Case, page: str) -> ClientConnection:
    try:
        return await Straight(
            case.socket_url,
            origin=page,  # type: ignore[arg-type]
            ssl=case.tls if case.is_secure else None,
            compression=None,
            proxy=None,
            open_timeout=PATIENCE,
            max_size=LARGEST,
        )
    except InvalidStatus as error:
        status = error.response.status_code
        raise Fault(f"{case.socket_url}: {status}", *HANDSHAKES.get(min(status, 502), UPGRADE)) from error
    except (InvalidMessage, EOFError, ConnectionError) as error:
        raise Fault(
            f"{case.socket_url}: cut off", "A worker dies, or something cuts WebSockets.", f"{JOURNAL}."
        ) from error
    except (InvalidHandshake, OSError, TimeoutError) as error:
        raise Fault(f"{case.socket_url}: {type(error).__name__}", *UPGRADE) from error


@contextlib.asynccontextmanager
async def _opened(case: Case, page: str) -> Any:
    socket = await _connect(case, page)
    try:
        yield socket
    finally:
        await socket.close()


async def _is_refused(case: Case, page: str) -> bool:
    """Whether the socket refuses pages of that origin. If it accepts them, the empty frame is a protocol error instead.

    Raises:
        Fault: the worker is restarting.
    """
    async with _opened(case, page) as socket:
        with contextlib.suppress(ConnectionClosed):
            await socket.send("{}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await socket.wait_closed()
        if socket.close_code == close_codes.RESTARTING.code:
            raise Fault(f"closed with {socket.close_code}", *CLOSES[close_codes.RESTARTING.code])
        return bool(socket.close_code == close_codes.FORBIDDEN.code)


async def _send(case: Case, **frame: Any) -> None:
    assert case.socket is not None  # noqa: S101  (the hop before has opened it)
    with contextlib.suppress(ConnectionClosed):  # the next look says why
        await case.socket.send(json.dumps(frame))


async def _receive(case: Case, wanted: Callable[[dict[str, Any]], bool], within: float) -> dict[str, Any] | None:
    """The next frame that `wanted` accepts; None if none comes within that many seconds.

    Raises:
        Fault: the server closes the socket, or sends too many frames.
        ValueError: a frame is not of the protocol.
    """
    assert case.socket is not None  # noqa: S101
    try:
        async with asyncio.timeout(within):
            while True:
                frame = json.loads(await case.socket.recv())
                if not isinstance(frame, dict) or not isinstance(frame.get("action"), str):
                    raise ValueError("a frame without an action")
                if len(case.frames) >= MOST_FRAMES:
                    raise Fault(
                        f"more than {MOST_FRAMES} frames", "This is not Unitemate, or it sends in circles.", SEE
                    )
                case.frames.append(frame)
                if wanted(frame):
                    return frame
    except TimeoutError:
        return None
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 1006
        reason = closed.rcvd.reason if closed.rcvd else "without a word"
        cut = ("The link was cut: by a proxy's timeout, or by a worker that died.", f"{JOURNAL}.")
        raise Fault(f"closed with {code}: {reason}", *CLOSES.get(code, cut)) from closed


async def _write(case: Case, bio: str) -> None:
    answer = await case.http.patch("/api/users/me/profile", json={"bio": bio}, headers=bearer(case))
    if answer.status_code == 403:
        raise Skip("this account may not write")
    if answer.status_code != 200:
        raise Fault(f"the profile could not be written: {answer.status_code}", "The server fails.", f"{JOURNAL}.")


def _welcome(case: Case) -> dict[str, Any]:
    return next(frame for frame in case.frames if frame["action"] == "welcome")


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
