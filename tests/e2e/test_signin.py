"""Signing in at the identity provider: authorization code with PKCE, in a real browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.e2e.identity import CLIENT_ID, IdentityProvider
from tests.users.provider import AUDIENCE
from tests.waiting import wait_until
from users.models import User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def provider(settings) -> Iterator[IdentityProvider]:
    running = IdentityProvider()
    settings.AUTH0_DOMAIN, settings.AUTH0_AUDIENCE, settings.AUTH0_CLIENT_ID = running.domain, AUDIENCE, CLIENT_ID
    settings.UNITEMATE_DEV_LOGIN = False
    yield running
    running.stop()


def sign_in(mew: Visitor) -> None:
    mew.page.goto(mew.url)
    mew.page.get_by_role("button", name="ログイン").click()
    mew.page.get_by_role("link", name="Continue").click()
    expect(mew.page.locator("#status")).to_have_text("接続中")


def pumped(mew: Visitor) -> bool:
    """Let Playwright tell what has happened, which it does only while it is used; always true."""
    mew.page.wait_for_timeout(20)
    return True


def actions(mew: Visitor) -> list[str]:
    return [json.loads(frame)["action"] for frame in mew.sent]


def test_the_universal_login_leads_in_and_out(visitor, provider):
    mew = visitor()
    mew.page.goto(f"{mew.url}/#ranking")
    expect(mew.page.get_by_label("トレーナー名")).to_be_hidden()
    mew.shoot("login-provider")
    mew.page.get_by_role("button", name="ログイン").click()
    mew.page.get_by_role("link", name="Continue").click()
    expect(mew.page.locator("#status")).to_have_text("接続中")
    assert mew.page.url == f"{mew.url}/#ranking"  # nothing of the exchange is left in the address
    assert User.objects.get().trainer_name == "Mew"

    kept = mew.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in kept
    assert "verifier" not in kept

    mew.page.reload()  # the provider still knows the browser, and nobody is asked
    expect(mew.page.locator("#status")).to_have_text("接続中")
    assert mew.page.url == f"{mew.url}/#ranking"

    mew.page.get_by_role("link", name="マイページ").click()
    mew.page.get_by_role("button", name="ログアウト").click()
    expect(mew.page.get_by_role("button", name="ログイン")).to_be_visible()
    assert not provider.signed_in


def test_a_token_that_expires_is_renewed_unseen(visitor, provider):
    provider.lifetime = 62  # renewed a minute before
    mew = visitor()
    sign_in(mew)
    mew.page.evaluate(
        """() => {
          window.seen = [];
          const status = document.getElementById("status");
          const look = () => window.seen.push(status.textContent);
          new MutationObserver(look).observe(status, { childList: true, subtree: true });
        }"""
    )
    mew.page.locator(".roles [data-role=TANK] button").focus()
    wait_until(lambda: pumped(mew) and actions(mew).count("authenticate") >= 3)
    assert provider.refreshed >= 2
    assert set(actions(mew)) == {"authenticate"}
    assert mew.sockets == 1
    assert mew.page.evaluate("window.seen") == []
    assert mew.page.evaluate("document.activeElement.closest('[data-role]').dataset.role") == "TANK"


def test_without_refresh_tokens_the_page_asks_the_provider_by_a_redirect(visitor, provider):
    provider.rotates, provider.lifetime = False, 62
    mew = visitor()
    sign_in(mew)
    wait_until(lambda: pumped(mew) and provider.asked_silently > 0)
    expect(mew.page.locator("#status")).to_have_text("接続中")


def test_one_whom_nobody_knows_any_more_is_asked_to_sign_in_again(visitor, provider):
    provider.lifetime = 62
    mew = visitor()
    sign_in(mew)
    provider.forget()
    expect(mew.page.get_by_role("button", name="ログイン")).to_be_visible()
    expect(mew.page.locator("#play h2")).to_have_text("対戦をはじめる")
