"""What the tests in the browser share: visitors with a page each, players who only use REST, pictures."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, WebSocket, expect

from matches.models import Match
from matches.services import matchmaking_round
from queue_app.models import Entry
from tests.backend import VAR
from tests.live import LiveServer, running_server
from tests.web.browser import browser as browser  # the fixture

expect.set_options(timeout=15_000)  # milliseconds; a busy machine is no failure

SCREENSHOTS = VAR / "screenshots"
WIDTHS = {"phone": (390, 844), "desktop": (1200, 800)}
LIVE = {"ja": "接続中", "en": "Live"}
START = {"ja": "マッチング開始", "en": "Start matching"}
SEARCHING = {"ja": "対戦相手を探しています", "en": "Looking for opponents"}

WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? "" :
  [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
    .map((element) => element.outerHTML.slice(0, 120))
    .slice(0, 4)
    .join(" | ")"""
"""What sticks out on the right, where the page is wider than its window."""


class Visitor:
    """A person at the page, and what their browser sends.

    Attributes:
        page: the page.
        requests: the paths asked of the API so far.
        sockets: how many were opened so far.
        sent: the texts of the frames sent so far, over all sockets.
        problems: errors of scripts, and refusals by the content security policy.
    """

    def __init__(self, page: Page, url: str, language: str = "ja") -> None:
        self.page = page
        self.language = language
        self.url = url
        self.requests: list[str] = []
        self.sockets = 0
        self.sent: list[str] = []
        self.problems: list[str] = []
        page.on("request", self._requested)
        page.on("websocket", self._opened)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text) if "Policy" in message.text else None)

    def _requested(self, request: Request) -> None:
        path = request.url.removeprefix(self.url)
        if path.startswith("/api/"):
            self.requests.append(f"{request.method} {path}")

    def _opened(self, socket: WebSocket) -> None:
        self.sockets += 1
        socket.on("framesent", lambda payload: self.sent.append(str(payload)))

    def sign_in(self, name: str) -> None:
        """Come to the page as a demo player, and wait until it is live."""
        self.page.goto(f"{self.url}/?dev={name}")
        expect(self.page.locator("#status")).to_have_text(LIVE[self.language])

    def choose(self, *roles: str) -> None:
        """Have just these roles chosen, in this order."""
        pressed = self.page.locator("button.lane-role[aria-pressed=true]")
        while pressed.count():
            pressed.first.click()
        for role in roles:
            self.page.locator(f".roles [data-role={role}] button").click()

    def join(self, *roles: str) -> None:
        """Choose roles and queue."""
        self.choose(*roles)
        self.page.get_by_role("button", name=START[self.language]).click()
        expect(self.page.get_by_role("heading", name=SEARCHING[self.language])).to_be_visible()

    def shoot(self, name: str, *, full_page: bool = True) -> None:
        """Check the page's accessibility, and take pictures at both widths, into var/screenshots."""
        self.check_access(name)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        usual = self.page.viewport_size
        assert usual is not None
        for width, (x, y) in WIDTHS.items():
            self.page.set_viewport_size({"width": x, "height": y})
            if full_page:  # by a window as high as the page, in which nothing sticks to an edge
                height = self.page.evaluate("document.documentElement.scrollHeight")
                self.page.set_viewport_size({"width": x, "height": max(y, height)})
            self.page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png")
            wide = self.page.evaluate(WIDE)
            assert not wide, f"{name} is wider than a {width}: {wide}"
        self.page.set_viewport_size(usual)

    def check_access(self, name: str) -> None:
        """Hold the page as it is to every rule of axe."""
        found = Axe().run(self.page).response["violations"]
        assert not found, f"{name}: " + "; ".join(
            f"{each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}" for each in found
        )


class Player:
    """A player who uses the REST API only."""

    def __init__(self, url: str, name: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/api", timeout=10)
        answer = self.call("POST", "/auth/dev/login", {"name": name})
        self.user_id = answer["user_id"]
        self.http.headers["Authorization"] = f"Bearer {answer['token']}"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the API; a refusal is an error."""
        response = self.http.request(method, path, json=body)
        response.raise_for_status()
        return response.json()

    def join(self, *roles: str) -> None:
        """Queue for these roles."""
        self.call("POST", "/queue/join", {"selected_roles": list(roles)})

    def mark_missing(self, match_id: str, user_id: str) -> None:
        """Say that another player has not come."""
        self.call("POST", f"/matches/{match_id}/missing", {"user_id": user_id})

    def report(self, match_id: str, result: str) -> int:
        """Report a match; the answer's status."""
        return self.http.post(f"/matches/{match_id}/report", json={"result": result}).status_code


def context_language(options: dict[str, Any]) -> str:
    """The language in which the page greets a browser with these options."""
    return options.get("locale", "ja-JP").partition("-")[0]


def match_now() -> Match:
    """Make the match for which those who wait suffice, without waiting for a better one."""
    longest = Entry.objects.order_by("-queued_at")[0]
    Entry.objects.filter(pk=longest.pk).update(queued_at=longest.queued_at - timedelta(hours=1))
    (match,) = matchmaking_round()
    return match


@pytest.fixture
def site(transactional_db) -> Iterator[LiveServer]:
    """A real server on the test's database."""
    with running_server() as server:
        yield server


@pytest.fixture
def visitor(browser: Browser, site: LiveServer) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor: `visitor("Aoi")` is signed in, `visitor()` has only a browser; `url` names another server."""
    made = []

    def make(name: str | None = None, url: str | None = None, **options: Any) -> Visitor:
        context = browser.new_context(**{"locale": "ja-JP", "viewport": {"width": 1200, "height": 800}, **options})
        context.set_default_timeout(10_000)
        new = Visitor(context.new_page(), url or site.url, context_language(options))
        made.append((context, new))
        if name is not None:
            new.sign_in(name)
        return new

    yield make
    for context, each in made:
        context.close()
        assert each.problems == []


@pytest.fixture
def player(site: LiveServer) -> Iterator[Callable[[str], Player]]:
    """Make a player without a page: `player("Bot 1")`."""
    made = []

    def make(name: str) -> Player:
        made.append(Player(site.url, name))
        return made[-1]

    yield make
    for each in made:
        each.http.close()


@pytest.fixture
def fill_match(player: Callable[[str], Player]) -> Callable[..., tuple[str, list[Player]]]:
    """Let others join until ten wait, and make the match: its id, and the others."""

    def fill(others: int, names: list[str] | None = None) -> tuple[str, list[Player]]:
        players = [player(name) for name in (names or [f"Bot {number}" for number in range(others)])]
        for each in players:
            each.join("TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK")
        return match_now().match_id, players

    return fill
