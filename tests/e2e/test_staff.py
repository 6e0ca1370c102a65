"""What staff do is on the players' pages at once; and the admin's own pages in a real browser."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from playwright.sync_api import expect

from matches.models import Match
from matches.services import match_report
from staff.models import HouseRules
from staff.roles import ORGANISER
from staff.services import house_rules_save
from tests.e2e.conftest import SCREENSHOTS
from tests.waiting import wait_until
from users.models import User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
HOSTILE = "<img src=x onerror=alert(1)> & {{ 7*7 }}"


def save(**fields) -> None:
    house_rules_save(rules=HouseRules(**fields))


def test_announcements_and_rules_reach_an_open_page_as_text(visitor):
    aoi = visitor("Aoi")
    notice = aoi.page.locator("#house .house:not(.release)")
    expect(notice).to_be_hidden()
    save(announcement_ja=HOSTILE)
    expect(notice).to_have_text(HOSTILE)
    assert notice.locator("img").count() == 0
    aoi.page.locator("nav a[href='#rules']").click()
    save(rules_ja=f"{HOSTILE}\n二行目", match=1800, match_hours="14:00-02:00")
    expect(notice).to_be_hidden()
    rules = aoi.page.locator("section.rules")
    expect(rules).to_contain_text(HOSTILE)
    assert "\n二行目" in rules.locator(".house-rules").inner_text()  # as it is drawn
    expect(rules).to_contain_text("30分")
    expect(rules).to_contain_text("14:00-02:00")
    assert rules.locator("img").count() == 0


def test_an_announcement_goes_when_its_time_has_come(visitor):
    aoi = visitor("Aoi")
    aoi.page.locator("nav a[href='#rules']").click()
    aoi.page.wait_for_load_state("networkidle")
    aoi.page.clock.install()
    notice = aoi.page.locator("#house .house:not(.release)")
    soon = aoi.page.evaluate("Date.now()") / 1000 + 60
    save(announcement_en="Soon over", announcement_until=datetime.fromtimestamp(soon, UTC), rules_ja="Be kind.")
    expect(notice).to_have_text("Soon over")
    # The page has asked for the rules. An answer that came later would tell it the server's time anew,
    # and that has not been moved.
    expect(aoi.page.locator("section.rules")).to_contain_text("Be kind.")
    aoi.page.clock.fast_forward(61_000)
    expect(notice).to_be_hidden()


@pytest.fixture
def organiser(transactional_db) -> User:
    user = User.objects.create_user("staff|organiser", "a long password", trainer_name="Organiser", is_staff=True)
    user.groups.add(Group.objects.get(name=ORGANISER))
    return user


@pytest.mark.parametrize("name", ["﷽" * 50, "W" * 50], ids=["ligatures", "letters"])
def test_a_name_as_wide_as_can_be_leaves_the_other_columns_in_view(visitor, organiser, site, fill_match, name):
    match_id, _ = fill_match(10)
    User.objects.filter(seats__match=match_id).update(trainer_name=name)
    page = visitor().page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(site.url + reverse("admin:users_user_changelist"))
    page.fill("#id_username", "staff|organiser")
    page.fill("#id_password", "a long password")
    page.click("input[type=submit]")
    for address, column in (
        (reverse("admin:users_user_changelist"), ".field-user_id >> nth=0"),
        (reverse("admin:matches_match_changelist"), ".field-phase >> nth=0"),
        (reverse("admin:matches_match_change", args=[match_id]), "td.field-reported >> nth=0"),
    ):
        page.goto(site.url + address)
        box = page.locator(column).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 1280, address
        assert box["height"] < 100, address


def test_an_organiser_runs_a_match_from_its_page(visitor, organiser, site, fill_match):
    aoi = visitor("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    match_id, _ = fill_match(9)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    staff = visitor().page
    staff.goto(site.url + reverse("admin:matches_match_change", args=[match_id]))
    staff.fill("#id_username", "staff|organiser")
    staff.fill("#id_password", "a long password")
    staff.click("input[type=submit]")
    staff.get_by_role("button", name="ロビーを設定する").click()
    staff.fill("#id_lobby_id", "31415926")
    staff.fill("#id_audit_reason", "the host's browser is broken")
    staff.click(".submit-row input")
    expect(staff.locator("#audit")).to_contain_text("the host's browser is broken")
    expect(staff.locator("#timeline")).to_contain_text("ロビー 31415926")
    expect(aoi.page.locator(".lobby-id output")).to_contain_text("3141")
    for seat in Match.objects.get(pk=match_id).seats.all()[:6]:
        match_report(match_id=match_id, user_id=seat.user_id, result="A-win")
    staff.reload()
    staff.screenshot(path=SCREENSHOTS / "admin-match.png", full_page=True)
    user = Match.objects.get(pk=match_id).seats.first().user
    staff.goto(site.url + reverse("admin:users_user_change", args=[user.pk]))
    staff.get_by_role("button", name="ペナルティを与える").click()
    staff.screenshot(path=SCREENSHOTS / "admin-act.png", full_page=True)
    staff.fill("#id_points", "2")
    staff.fill("#id_told", "left the match")
    staff.fill("#id_audit_reason", "seen on the stream")
    staff.click(".submit-row input")
    expect(staff.locator("#audit")).to_contain_text("seen on the stream")
    wait_until(lambda: user.penalties.count() == 1)
    staff.screenshot(path=SCREENSHOTS / "admin-user.png", full_page=True)
    staff.goto(site.url + reverse("admin:matches_match_changelist"))
    staff.screenshot(path=SCREENSHOTS / "admin-list.png", full_page=True)
