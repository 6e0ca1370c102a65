"""Messages: in view wherever the page is scrolled to, gone by themselves, and success in the button."""

import pytest
from playwright.sync_api import expect

LONG = "document.getElementById('main').style.minHeight = '4000px'; window.scrollTo(0, 2000);"
SAY = "const { say } = await import('/toast.js'); say(argument[0], argument[1]);"
LASTING = 8_000  # milliseconds


@pytest.mark.parametrize(("kind", "role"), [("error", "alert"), ("done", "status")])
@pytest.mark.parametrize("width", [320, 1200])
def test_a_message_is_in_view_and_goes_by_itself(parts, kind, role, width):
    here = parts(viewport={"width": width, "height": 500})
    here.page.clock.install()
    here.run(LONG)
    assert here.run("return window.scrollY") == 2000
    here.run(SAY, [kind, "サーバーにつながりません。しばらくしてからお試しください。"])
    message = here.page.locator(f"#toast [role={role}]")
    expect(message).to_be_in_viewport(ratio=1)
    here.page.clock.run_for(LASTING - 100)
    expect(message).to_be_in_viewport(ratio=1)
    here.page.clock.run_for(200)
    expect(message).to_have_text("")
    assert here.run("return document.getElementById('toast').getBoundingClientRect().height") == 0


def test_the_newest_message_has_its_whole_time_and_one_goes_at_a_tap(parts):
    here = parts()
    here.page.clock.install()
    here.run(SAY, ["error", "一つ目"])
    here.page.clock.run_for(LASTING - 1000)
    here.run(SAY, ["done", "二つ目"])
    here.page.clock.run_for(LASTING - 1000)
    expect(here.page.locator("#toast")).to_have_text("二つ目")
    here.page.get_by_text("二つ目").click()
    expect(here.page.locator("#toast")).to_have_text("")


def test_success_is_said_in_the_button_and_to_those_who_hear_the_page(parts):
    here = parts()
    here.page.clock.install()
    here.run("""
      const { h } = await import("/dom.js");
      const { answer } = await import("/toast.js");
      const button = h("button", { type: "button", onclick: () => answer(button, "コピー済み") }, "コピー");
      document.getElementById("main").append(button);
    """)
    button = here.page.get_by_role("button")
    button.click()
    expect(button).to_have_text("コピー済み")
    expect(here.page.locator("#heard")).to_have_text("コピー済み")
    here.page.clock.run_for(3_000)
    expect(button).to_have_text("コピー")
