"""Signing in at the identity provider where something is not as it should be: storage, clocks, answers."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.waiting import wait_until
from tests.web.whole_page import LIVE, ORIGIN

IDP = "https://idp.test"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
KNOWN = "localStorage.setItem('unitemate.known', '1');"


class Provider:
    """It knows the browser, and sends whoever comes straight back.

    Attributes:
        asked: for what: the `prompt` of each request to sign in, `""` without one.
        answer: of the token endpoint.
        hanging: whether that never answers.
        granted: how often it has.
    """

    def __init__(self, world) -> None:
        self.asked = []
        self.answer = {"access_token": "t", "expires_in": 3600}
        self.hanging = False
        self.granted = 0
        world.system |= {"dev_login": False, "auth0": {"domain": IDP, "audience": "a", "client_id": "c"}}
        world.context.route(f"{IDP}/**", self._serve)

    def _serve(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path == "/authorize":
            query = parse_qs(url.query)
            self.asked.append(query.get("prompt", [""])[0])
            back = json.dumps(f"{ORIGIN}/?code=c&state={query['state'][0]}")
            route.fulfill(content_type="text/html", body=f"<script>location.replace({back})</script>")
        elif not self.hanging:
            self.granted += 1
            allowed = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(content_type="application/json", body=json.dumps(self.answer), headers=allowed)


@pytest.fixture
def provider(world, settings) -> Provider:
    settings.AUTH0_DOMAIN = settings.AUTH0_AUDIENCE = IDP  # as the page's policy has it
    return Provider(world)


def enter(page) -> None:
    page.get_by_role("button", name="ログイン").click()


def test_without_storage_the_player_is_told_why_there_is_no_signing_in(world, provider):
    page = world.open(address="/", init=FULL)
    enter(page)
    expect(page.locator("#toast")).to_contain_text("ブラウザーに保存できないため、ログインできません")
    assert provider.asked == []


def test_a_browser_that_is_known_but_keeps_nothing_any_more_goes_in_no_circles(world, provider):
    page = world.open(address="/", init=KNOWN + FULL)
    expect(page.get_by_role("button", name="ログイン")).to_be_visible()
    assert provider.asked == []


@pytest.mark.parametrize("junk", ["{", "7", '{"state": 1}', '{"state": "s", "verifier": "v", "hash": "//evil.test"}'])
def test_what_is_kept_of_a_way_under_way_is_checked(world, provider, junk):
    page = world.open(address="/?code=c&state=s", init=f"sessionStorage.setItem('unitemate.auth', {junk!r});")
    if "evil" in junk:
        expect(page.locator("#status")).to_have_text(LIVE)
        assert page.url == f"{ORIGIN}/"
    else:
        expect(page.get_by_role("button", name="ログイン")).to_be_visible()


def test_a_token_that_never_comes_is_given_up(world, provider):
    provider.hanging = True
    page = world.open(address="/", device_ahead=1, init="delete AbortSignal.timeout;")
    enter(page)
    page.wait_for_url("**/?code=**")
    page.wait_for_url(f"{ORIGIN}/")
    page.clock.run_for(16_000)
    expect(page.locator("#toast")).to_contain_text("サーバーにつながりません")
    provider.hanging = False
    enter(page)
    expect(page.locator("#status")).to_have_text(LIVE)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_redirect_of_another_time_hinders_none_whatever_the_clock_says(world, provider, hours):
    """Redirects are held apart by a minute, which a clock that was set back must not make hours."""
    world.welcomes = {"expires_at": time.time() + 30, "now": time.time()}
    renewed = f"if (!window.name) sessionStorage.setItem('unitemate.renewed', Date.now() + {hours * 3_600_000});"
    page = world.open(address="/", device_ahead=1, init=renewed + "window.name = 'again';")
    enter(page)
    expect(page.locator("#status")).to_have_text(LIVE)
    world.welcomes = {}
    page.clock.run_for(16_000)
    wait_until(lambda: page.wait_for_timeout(20) is None and provider.asked == ["", "none"])
    expect(page.locator("#status")).to_have_text(LIVE)


def test_a_provider_that_names_no_time_has_its_tokens_last_an_hour(world, provider):
    provider.answer = {"access_token": "t", "refresh_token": "r"}
    page = world.open(address="/")
    enter(page)
    expect(page.locator("#status")).to_have_text(LIVE)
    page.evaluate(
        "async () => { for (let n = 0; n < 5; n += 1) await (await import('/static/web/session.js')).token(); }"
    )
    assert (provider.asked, provider.granted) == ([""], 1)
