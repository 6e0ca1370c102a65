"""The page under less usual conditions: hostile names, trouble with the link, other languages, small screens."""

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog, WebSocketRoute, expect

from matches.models import Match
from queue_app.models import Entry
from tests.e2e.conftest import SCREENSHOTS
from tests.waiting import wait_until
from users.models import User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\u202eabc' onmouseover='x",
    "{{ 7*7 }}",
    "W" * 50,
    "مرحبا بالعالم",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 4,
    "幅" * 50,
]


def forge_lobby_id(socket: WebSocketRoute) -> None:
    """Let the server's frames name a hostile lobby id."""
    forged = "<b>0\\u202e</b>" + "9" * 60
    server = socket.connect_to_server()
    server.on_message(lambda text: socket.send(str(text).replace("31415926", forged)))


def test_names_are_text_whatever_they_hold(visitor, fill_match):
    aoi = visitor()
    dialogs: list[Dialog] = []
    aoi.page.on("dialog", lambda dialog: dialogs.append(dialog))
    aoi.page.route_web_socket("**/ws/", forge_lobby_id)
    aoi.sign_in("Aoi")
    aoi.join("MIDDLE", "TOP_LANE")
    fill_match(9, [*HOSTILE, "Bot 0"])
    expect(aoi.page.locator(".plate")).to_have_count(10)
    shown = aoi.page.locator(".plate-name").all_text_contents()
    assert {HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[4]} <= set(shown)
    # A lobby id that neither the API nor the database would let in.
    Match.objects.update(lobby_id="31415926", phase="joining")
    expect(aoi.page.locator(".lobby-id output")).to_contain_text("<b>0")
    aoi.page.get_by_role("button", name="結果を報告する").click()
    aoi.page.get_by_text("プレイヤーを通報").click()
    aoi.shoot("report-hostile-names", full_page=False)
    aoi.page.keyboard.press("Escape")
    assert aoi.page.locator(".teams img, .teams script").count() == 0
    assert dialogs == []
    aoi.shoot("match-hostile-names")
    aoi.page.set_viewport_size({"width": 320, "height": 640})
    assert aoi.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_who_is_shut_out_is_told(visitor):
    aoi = visitor("Aoi")
    User.objects.filter(trainer_name="Aoi").update(banned_at=timezone.now())
    expect(aoi.page.locator("#status")).to_have_text("オフライン")
    expect(aoi.page.locator("#banner")).to_contain_text("このアカウントは現在利用できません")


def test_english_for_those_who_read_it(visitor):
    aoi = visitor(locale="en-GB")
    aoi.page.goto(f"{aoi.url}/?dev=Aoi")
    expect(aoi.page.get_by_role("button", name="Start matching")).to_be_visible()
    aoi.shoot("queue-english")
    aoi.page.get_by_role("button", name="日本語").click()
    expect(aoi.page.get_by_role("button", name="マッチング開始")).to_be_visible()


def test_the_api_is_there_to_be_read(visitor):
    reader = visitor()
    reader.page.goto(f"{reader.url}/api/docs/")
    join = reader.page.locator("details", has=reader.page.get_by_text("/api/queue/join"))
    join.locator("summary").click()
    expect(join).to_contain_text('"selected_roles"')
    reader.shoot("api")


@pytest.mark.parametrize("width", [320, 600])  # 600 is a screen of 1200 at 200 %
def test_a_small_dark_screen_holds_every_page(visitor, fill_match, width):
    aoi = visitor("Aoi", viewport={"width": width, "height": 400}, color_scheme="dark", locale="en-GB")

    def check(name: str) -> None:
        assert aoi.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        aoi.check_access(name)

    for page, heading in (("me", "Aoi"), ("ranking", "Ranking"), ("rules", "Rules")):
        aoi.page.evaluate(f"location.hash = '{page}'")
        expect(aoi.page.locator("#side h2")).to_have_text(heading)
        aoi.page.locator("#side details").evaluate_all("(all) => all.forEach((details) => { details.open = true; })")
        check(page)
    aoi.page.evaluate("location.hash = ''")
    check("choosing")
    aoi.join("MIDDLE", "TOP_LANE")
    check("waiting")
    fill_match(9)
    expect(aoi.page.locator(".eyebrow")).to_have_text("Match found")
    check("match")
    aoi.page.get_by_role("button", name="Ask for a void match").click()
    check("report")
    if width == 320:
        aoi.page.screenshot(path=SCREENSHOTS / "report-dark-320.png")
        aoi.page.keyboard.press("Escape")
        aoi.shoot("match-dark")


def test_roles_are_put_in_order_by_dragging(visitor):
    aoi = visitor("Aoi")
    aoi.choose("TOP_LANE", "MIDDLE", "TANK")
    names = aoi.page.locator(".chip-name")
    first, last = aoi.page.locator(".chip").first.bounding_box(), aoi.page.locator(".chip").last.bounding_box()
    assert first is not None
    assert last is not None
    y = first["y"] + first["height"] / 2
    aoi.page.mouse.move(first["x"] + first["width"] / 2, y)
    aoi.page.mouse.down()
    aoi.page.mouse.move(last["x"] + last["width"] / 2, y, steps=8)
    aoi.page.mouse.up()
    expect(names).to_have_text(["中央", "タンク", "上レーン"])
    aoi.page.locator(".chip").nth(1).click()
    expect(names).to_have_text(["タンク", "中央", "上レーン"])
    # Who waits changes the order without losing the place; and keeps two roles at least.
    aoi.page.get_by_role("button", name="マッチング開始").click()
    expect(aoi.page.get_by_role("heading", name="対戦相手を探しています")).to_be_visible()
    queued_at = Entry.objects.get().queued_at
    aoi.page.locator(".chip").last.focus()
    aoi.page.keyboard.press("Home")
    expect(aoi.page.locator(".order-box [aria-live]")).to_have_text("上レーン：1番")
    wait_until(lambda: Entry.objects.get().selected_roles == ["TOP_LANE", "TANK", "MIDDLE"])
    assert Entry.objects.get().queued_at == queued_at
    aoi.page.locator(".roles [data-role=TANK] button").click()
    expect(names).to_have_text(["上レーン", "中央"])
    aoi.page.locator(".roles [data-role=MIDDLE] button").click()
    expect(aoi.page.locator("#toast")).to_contain_text("ロールは2つ以上必要です")
    expect(aoi.page.locator("#toast [role=alert]")).to_be_in_viewport(ratio=1)
    expect(names).to_have_text(["上レーン", "中央"])


def test_nothing_moves_for_those_who_want_no_motion(visitor):
    aoi = visitor("Aoi", reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert aoi.page.evaluate(moving) == 0
