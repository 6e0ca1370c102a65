"""What the page says of sound and notifications is true on this device."""

import pytest
from playwright.sync_api import expect

SHOW = """
  const { alerts } = await import("/parts/alerts.js");
  const { store } = await import("/store.js");
  window.part = alerts();
  document.getElementById("main").append(part.element);
  store.subscribe(() => part.update());
  part.update();
"""


def notifying(permission: str, body: str = "window.shown.push(title);") -> str:
    return f"""
      window.shown = [];
      window.Notification = class {{
        static permission = localStorage.getItem("allowed") ?? "{permission}";
        static async requestPermission() {{
          localStorage.setItem("allowed", "granted");
          return (window.Notification.permission = "granted");
        }}
        constructor(title) {{ {body} }}
        close() {{}}
      }};
    """


ANDROID = "throw new TypeError('Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.');"
FAILING = "setTimeout(() => this.onerror());"
ON = "通知はオンです。"
NOT_HERE = "この端末では通知を表示できません。画面を開いたままお待ちください。"


@pytest.mark.parametrize(
    ("body", "said"), [("window.shown.push(title);", ON), (ANDROID, NOT_HERE), (FAILING, NOT_HERE)]
)
def test_allowed_notifications_are_tried_and_what_came_of_it_is_said(parts, body, said):
    here = parts(init=notifying("default", body))
    here.run(SHOW)
    here.page.get_by_role("button", name="通知を許可する").click()
    expect(here.page.locator(".alerts")).to_contain_text(said, use_inner_text=True)
    expect(here.page.get_by_role("button")).to_have_count(0)
    here.page.reload()
    here.run(SHOW)
    expect(here.page.locator(".alerts")).to_contain_text(said, use_inner_text=True)


def test_what_was_allowed_before_is_not_called_on_until_one_was_shown(parts):
    here = parts(init=notifying("granted", ANDROID))
    here.run(SHOW)
    expect(here.page.locator(".alerts")).to_contain_text("通知は許可されています。", use_inner_text=True)
    here.page.get_by_role("button", name="通知を試す").click()
    expect(here.page.locator(".alerts")).to_contain_text(NOT_HERE, use_inner_text=True)


def test_a_match_whose_notification_fails_is_learnt_from(parts):
    here = parts(init=notifying("granted", ANDROID) + "document.hasFocus = () => false;")
    here.run(SHOW)
    here.run("(await import('/attention.js')).announce('m1', { title: 'a', body: 'b' })")
    expect(here.page.locator(".alerts")).to_contain_text(NOT_HERE, use_inner_text=True)


@pytest.mark.parametrize(
    ("init", "said"),
    [
        (notifying("denied"), "ブラウザーの設定で通知がオフです。"),
        ("delete window.Notification;", "このブラウザーは通知に対応していません。"),
    ],
)
def test_what_cannot_be_is_said(parts, init, said):
    here = parts(init=init)
    here.run(SHOW)
    expect(here.page.locator(".alerts")).to_contain_text(said, use_inner_text=True)
    expect(here.page.get_by_role("button")).to_have_count(0)


AUDIO = """
  window.resumed = 0;
  window.AudioContext = class extends EventTarget {
    state = "suspended";
    constructor() { super(); window.audio = this; }
    async resume() { window.resumed += 1; if (window.deaf) throw new DOMException("no"); this.turn("running"); }
    turn(state) { this.state = state; this.onstatechange?.(); }
  };
"""
BLOCKED = "画面に一度触れると、音が鳴るようになります。"


def test_blocked_sound_is_said_until_a_touch(parts):
    here = parts(init=AUDIO)
    here.run(SHOW)
    expect(here.page.locator(".alerts")).to_contain_text(BLOCKED, use_inner_text=True)
    here.page.locator("#main").click(position={"x": 1, "y": 1})
    expect(here.page.locator(".alerts")).not_to_contain_text(BLOCKED, use_inner_text=True)


def test_sound_that_a_call_has_interrupted_is_said_and_comes_back_with_the_next_touch(parts):
    here = parts(init=AUDIO)
    here.run(SHOW)
    here.page.locator("#main").click(position={"x": 1, "y": 1})
    here.run("window.deaf = true; audio.turn('interrupted')")
    expect(here.page.locator(".alerts")).to_contain_text(BLOCKED, use_inner_text=True)
    before = here.run("return window.resumed")
    here.page.locator("#main").click(position={"x": 1, "y": 1})  # the call goes on: nothing comes of it
    assert here.run("return window.resumed") > before
    expect(here.page.locator(".alerts")).to_contain_text(BLOCKED, use_inner_text=True)
    here.run("window.deaf = false")
    here.page.locator("#main").click(position={"x": 1, "y": 1})
    expect(here.page.locator(".alerts")).not_to_contain_text(BLOCKED, use_inner_text=True)


def test_where_there_is_no_sound_that_is_said_and_where_it_is_off_nothing_is(parts):
    here = parts(init="delete window.AudioContext;")
    here.run(SHOW)
    expect(here.page.locator(".alerts")).to_contain_text("このブラウザーでは音を鳴らせません。", use_inner_text=True)
    here.page.get_by_label("音で知らせる").uncheck()
    expect(here.page.locator(".alerts")).not_to_contain_text("音を鳴らせません。", use_inner_text=True)
