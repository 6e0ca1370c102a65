"""The whole page without a server: its scripts as they are, and REST and socket in the test's hand."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import pytest
from django.test import RequestFactory
from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocketRoute, expect

from tests.web.client_page import STATIC
from web.csp import policy
from web.views import page as view

ORIGIN = "https://client.test"
ROLES = ["TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK"]
ACTIONS = {"queue": "queueInfo", "user": "userInfo", "match": "matchInfo"}
LIVE = "接続中"


def rfc3339(at: float) -> str:
    """Unix seconds as projections have them."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


class World:
    """What the page finds outside itself, for all tabs of one browser.

    Attributes:
        context: the browser's.
        system: the answer of `/api/system`.
        streams: the state of each: its version and its document.
        answers: what else the API answers: a status and JSON, by method and path.
        hanging: the requests that are never answered, the same way.
        asked: all requests to the API so far.
        missing: the scripts that are not there any more.
        refusing: the code with which sockets are closed instead of welcomed, or None.
        welcomes: fields of `welcome` that are not the usual ones.
        sockets: those that are open, the newest last.
        sent: the actions of the frames that came over any.
        problems: errors of scripts, and refusals by the content security policy.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.system: dict[str, Any] = {
            "socket_url": "wss://client.test/ws/",
            "streams": ["queue", "user", "match", "operations"],
            "poll_interval": 5,
            "house_version": 0,
            "dev_login": True,
            "auth0": None,
            "limits": {"lobby": 150, "joining": 250, "report_grace": 120, "match": 2400, "late_report": 600},
            "match_hours": None,
            "rules": {"ja": "", "en": ""},
            "time_scale": 1,
            "system_version": "v1",
            "versions": {"release": "one"},
        }
        roles = dict.fromkeys(ROLES, 1)
        self.streams: dict[str, tuple[int, dict[str, Any]]] = {
            "queue": (1, {"total_waiting": 1, "role_counts": roles, "needed_roles": ROLES, "house_version": 0}),
        }
        self.answers: dict[str, tuple[int, Any]] = {}
        self.hanging: set[str] = set()
        self.asked: list[str] = []
        self.missing: set[str] = set()
        self.refusing: int | None = None
        self.welcomes: dict[str, Any] = {}
        self.sockets: list[WebSocketRoute] = []
        self.sent: list[str] = []
        self.problems: list[str] = []

    def open(
        self, name: str = "Aoi", *, hash: str = "", init: str = "", device_ahead: float = 0.0, address: str = ""
    ) -> Page:
        """Come as a demo player in a new tab, whose clock is so many seconds ahead; or at another address."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text) if "Policy" in message.text else None)
        page.route(f"{ORIGIN}/**", self._serve)
        page.route_web_socket("**/ws/", lambda socket: self._opened(socket, name))
        if device_ahead:
            page.clock.install(time=time.time() + device_ahead)
        if init:
            page.add_init_script(init)
        self._account(name)
        page.goto(f"{ORIGIN}{address or f'/?dev={name}'}{hash}")
        return page

    def live(self, *arguments: Any, **options: Any) -> Page:
        """`open`, and wait until it is live."""
        page = self.open(*arguments, **options)
        expect(page.locator("#status")).to_have_text(LIVE)
        return page

    def change(self, stream: str, push: bool = True, **fields: Any) -> None:
        """Have a stream's document changed; pushed as a snapshot over the newest socket."""
        seq, document = self.streams.get(stream, (0, {}))
        self.streams[stream] = (seq + 1, {**document, **fields})
        if push:
            self._tell(self.sockets[-1], stream)

    def match(self, *, phase: str = "lobby", deadline: float = 100.0, push: bool = True, name: str = "Aoi") -> None:
        """Have a match found for a player: "m", whose phase ends in so many seconds."""
        now = time.time()
        seats = {f"p{n}": {"team": "AB"[n % 2], "role": ROLES[n % 5], "trainer_name": f"P {n}"} for n in range(9)}
        seats[name] = {"team": "B", "role": "TANK", "trainer_name": name}
        players = {
            key: {**seat, "rate": 1500, "badges": [], "online": True, "reported": False} for key, seat in seats.items()
        }
        fields = {"match_id": "m", "status": "matched", "phase": phase, "matched_at": rfc3339(now), "players": players}
        self.change("match_m", push, host_user_id="p1", deadline=rfc3339(now + deadline), report_count=0, **fields)
        self._account(name)
        self.change(f"user_{name}", push, match_id="m", queue=None)

    def _account(self, name: str) -> None:
        account = {"user_id": name, "trainer_name": name, "rate": 1500, "badges": {"owned": [], "equipped": []}}
        self.streams.setdefault(f"user_{name}", (1, account))

    def beat(self) -> None:
        """Let the newest socket's server be heard."""
        self.sockets[-1].send(json.dumps({"action": "heartbeat", "heads": {}}))

    def cut(self, code: int = 1012) -> None:
        """Close all sockets."""
        for socket in self.sockets:
            socket.close(code=code, reason="come back in 0.5 s" if code == 1012 else "")
        self.sockets = []

    def count(self, request: str) -> int:
        """How often something was asked of the API: `"GET /system"`."""
        return self.asked.count(request)

    def _opened(self, socket: WebSocketRoute, name: str) -> None:
        def take(text: str | bytes) -> None:
            action = json.loads(text)["action"]
            self.sent.append(action)
            if action != "authenticate":
                return
            if self.refusing is not None:
                socket.close(code=self.refusing, reason="too many connections")
                return
            now = time.time()
            own = ["queue", f"user_{name}"]
            welcome = {"user_id": name, "streams": own, "heartbeat": 10, "now": now, "expires_at": now + 3600}
            welcome |= {"system_version": self.system["system_version"]}
            socket.send(json.dumps({"action": "welcome", **welcome, **self.welcomes}))
            self.sockets.append(socket)
            for stream in [*own, *(stream for stream in self.streams if stream.startswith("match_"))]:
                self._tell(socket, stream)

        socket.on_message(take)

    def _tell(self, socket: WebSocketRoute, stream: str) -> None:
        seq, document = self.streams[stream]
        data = {key: value for key, value in document.items() if value is not None}
        frame = {"action": ACTIONS[stream.split("_")[0]], "stream": stream, "epoch": "e", "seq": seq, "data": data}
        socket.send(json.dumps(frame))

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        if path == "/":
            shown = view(RequestFactory().get("/", headers={"Accept-Language": "ja"}))
            body = shown.content.decode().replace('name="release" content=""', 'name="release" content="one"')
            rules = {"Content-Security-Policy": policy("wss://client.test")}
            route.fulfill(content_type="text/html; charset=utf-8", body=body, headers=rules)
        elif path.startswith("/static/web/"):
            name = path.removeprefix("/static/web/")
            route.fulfill(status=404) if name in self.missing else route.fulfill(path=STATIC / name)
        elif path.startswith("/api/"):
            self._answer(route, f"{route.request.method} {path.removeprefix('/api')}")
        else:
            route.fulfill(status=404)

    def _answer(self, route: Route, request: str) -> None:
        self.asked.append(request)
        if request in self.hanging:
            return
        if request == "GET /system":
            usual: tuple[int, Any] = (200, self.system)
        elif request == "POST /auth/dev/login":
            name = route.request.post_data_json["name"]
            usual = (200, {"token": "t", "user_id": name, "expires_in": 3600})
        elif request == "GET /queue":
            usual = (200, {"epoch": "e", "seq": self.streams["queue"][0], **self.streams["queue"][1]})
        else:
            usual = (404, {"errors": [{"code": "not_found", "detail": "Not found."}]})
        status, body = self.answers.get(request, usual)
        kind = "application/json" if not isinstance(body, str) else "text/html"
        text = body if isinstance(body, str) else json.dumps(body)
        route.fulfill(
            status=status, content_type=kind, body=text, headers={"Date": formatdate(time.time(), usegmt=True)}
        )


@pytest.fixture
def world(browser: Browser) -> Iterator[Callable[[], World] | World]:
    """Such a world, with one browser in it."""
    context = browser.new_context(locale="ja-JP", viewport={"width": 1200, "height": 800})
    context.set_default_timeout(10_000)
    made = World(context)
    yield made
    context.close()
    assert made.problems == []
