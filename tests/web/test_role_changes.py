"""A change of roles that comes too soon on another: the page keeps it and asks again."""

import time

import pytest
from playwright.sync_api import expect

from tests.waiting import wait_until
from tests.web.whole_page import rfc3339

JOIN = "POST /queue/join"
TOO_SOON = (429, {"errors": [{"code": "too_soon", "detail": "Roles can be changed every ten seconds."}]})


@pytest.fixture
def waiting(world):
    """The page of a player who waits, and has just changed the roles; its clock stands still."""
    page = world.live(device_ahead=0.001)
    entry = {"selected_roles": ["TOP_LANE", "MIDDLE", "TANK"], "queued_at": rfc3339(time.time())}
    world.change("user_Aoi", queue=entry)
    expect(page.locator(".chip-name")).to_have_text(["上レーン", "中央", "タンク"])
    world.answers[JOIN] = TOO_SOON
    page.locator(".roles [data-role=TANK] button").click()
    expect(page.locator("#toast")).to_contain_text("10秒以内に反映されます")
    return page


def test_it_is_shown_and_made_once_it_can_be(world, waiting):
    expect(waiting.locator(".chip-name")).to_have_text(["上レーン", "中央"])
    world.answers[JOIN] = (200, {})
    wait_until(lambda: waiting.clock.run_for(1000) is None and world.count(JOIN) == 2, every=0.1)


def test_who_has_stopped_waiting_meanwhile_is_not_put_back_in_the_queue(world, waiting):
    world.change("user_Aoi", queue=None)
    expect(waiting.get_by_role("button", name="マッチング開始")).to_be_visible()
    waiting.clock.run_for(30_000)
    assert world.count(JOIN) == 1
