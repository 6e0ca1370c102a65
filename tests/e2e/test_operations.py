"""The operations page of staff in a real browser: it moves with the service, and players have no part in it."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import WIDE
from unitemate.telemetry.logs import LINES
from users.models import User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

LINK = "nav a[href='#operations']"


def make_staff(name: str, is_staff: bool = True) -> None:
    User.objects.filter(trainer_name=name).update(is_staff=is_staff)


@pytest.fixture
def chief(visitor):
    """A member of staff who looks."""

    def make(**options):
        visiting = visitor("Chief", **options)
        make_staff("Chief")
        visiting.page.locator(LINK).click()
        expect(visiting.page.locator(".tile")).to_have_count(11)
        return visiting

    return make


def number(page, title: str):
    """The large number of a tile."""
    return page.locator(".tile", has=page.get_by_role("heading", name=title, exact=True)).locator(".tile-number")


def test_the_numbers_move_when_a_player_joins_the_queue(chief, visitor):
    page = chief(locale="en-GB").page
    expect(number(page, "Waiting in the queue")).to_have_text("0")
    expect(number(page, "Connections")).to_have_text(re.compile(r"[1-9]\d*"))
    aoi = visitor("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    expect(number(page, "Waiting in the queue")).to_have_text("1")
    page.get_by_text("The numbers as a table").click()
    row = page.get_by_role("row", name="Waiting in the queue")
    assert row.get_by_role("cell").all_text_contents() == ["1", "0", "1"]
    chart = page.get_by_role("img", name="Waiting in the queue, last five minutes: now 1, lowest 0, highest 1.")
    expect(chart).to_be_visible()


def test_what_goes_wrong_is_said_first(chief):
    visiting = chief(locale="en-GB")
    expect(number(visiting.page, "Errors logged")).to_have_text("0")
    LINES.labels("error").inc(2)
    expect(visiting.page.locator(".operations .display")).to_have_text("Please look at this")
    expect(visiting.page.locator(".troubles")).to_contain_text("Errors logged in the last five minutes: 2.")
    expect(number(visiting.page, "Errors logged")).to_have_text("2")
    visiting.shoot("operations-trouble")


def test_it_can_be_used_by_everybody_at_every_width(chief):
    for scheme in ("light", "dark"):
        for locale in ("ja-JP", "en-GB"):
            visiting = chief(locale=locale, color_scheme=scheme)
            visiting.page.locator("details.table summary, .operations summary").click()
            visiting.shoot(f"operations-{scheme}-{locale[:2]}")
            visiting.page.set_viewport_size({"width": 320, "height": 640})
            assert visiting.page.evaluate(WIDE) == ""


def test_players_have_neither_the_link_nor_the_page(visitor):
    aoi = visitor("Aoi")
    expect(aoi.page.locator(LINK)).to_be_hidden()
    aoi.page.evaluate("location.hash = 'operations'")
    expect(aoi.page).to_have_url(re.compile("#play$"))  # led back
    expect(aoi.page.locator("body")).to_have_attribute("data-view", "play")
    assert aoi.page.locator(".operations").count() == 0
    assert not [frame for frame in aoi.sent if "Operations" in frame]
    assert not [path for path in aoi.requests if "operations" in path]


def test_who_leaves_the_staff_is_led_away(chief):
    page = chief().page
    make_staff("Chief", False)
    expect(page.locator("body")).to_have_attribute("data-view", "play")
    expect(page.locator(LINK)).to_be_hidden()
    expect(page.locator(".operations")).to_have_count(0)


def test_a_page_that_is_left_gives_the_stream_up(chief):
    visiting = chief()
    assert [frame for frame in visiting.sent if "subscribeOperations" in frame]
    visiting.page.locator("nav a[href='#play']").click()
    expect(visiting.page.locator(".operations")).to_have_count(0)
    assert "unsubscribeOperations" in visiting.sent[-1]


def test_without_a_socket_the_page_is_refreshed(visitor, site):
    visiting = visitor(locale="en-GB")
    page = visiting.page
    page.route_web_socket("**/ws/", lambda socket: socket.close(code=1006 + 5))
    page.goto(f"{site.url}/?dev=Chief")
    expect(page.locator("#status")).to_have_text("Refreshing")
    make_staff("Chief")
    page.locator(LINK).click()
    expect(page.locator(".tile")).to_have_count(11)
    expect(number(page, "Waiting in the queue")).to_have_text("0")
    assert "GET /api/operations" in visiting.requests


def test_the_admin_and_the_page_lead_to_each_other(chief, site, client):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="root"))
    assert 'href="/#operations"' in client.get("/admin/").content.decode()
    page = chief().page
    page.locator(".operations a").click()
    expect(page).to_have_url(f"{site.url}/admin/login/?next=/admin/")
