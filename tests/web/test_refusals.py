"""What the page says when it is refused something: in the reader's language, at the place that it is about."""

import ast
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from users.misconduct import BARRED_AT
from web.words import catalogue

ROOT = Path(__file__).resolve().parents[2]
APPLICATIONS = ("users", "queue_app", "matches")
OF_STAFF = ("merging.py", "staffing.py", "planning.py", "seasons.py", "correcting.py", "closing.py")
"""Services that only staff call, in the admin, which has words of its own."""
OF_THE_FRAMEWORK = {
    "authentication_failed", "not_authenticated", "permission_denied", "not_found", "throttled", "required", "null",
    "blank", "max_length",
}  # fmt: skip
DETAIL = "Only the server would say it in these words."
ENGLISH = re.compile(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+")


def codes(path: Path) -> set[str]:
    """The codes of refusals in a module: the second argument of one, and what is called `code`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Forbidden", "NotFound", "Conflict"):
            found |= {each.value for each in node.args[1:2] if isinstance(each, ast.Constant)}
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = {getattr(target, "id", "") for target in node.targets}
            found |= {node.value.value} if names & {"code", "default_code"} else set()
    return found - {"forbidden", "conflict", "error"}  # which nothing is answered with by itself


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_refusal_has_a_sentence(language):
    modules = [path for name in APPLICATIONS for path in (ROOT / name).rglob("*.py") if path.name not in OF_STAFF]
    wanted = OF_THE_FRAMEWORK.union(*map(codes, [*modules, ROOT / "unitemate" / "rest" / "errors.py"]))
    assert {"in_match", "no_season", "closed_hours", "banned", "already_reported", "too_large"} <= wanted
    assert wanted - catalogue(language)["error"].keys() == set()


WORDS = """
  const { ApiError } = await import("/api.js");
  return argument.map(([status, code, attr]) => new ApiError(status, code, "DETAIL", attr).words);
""".replace("DETAIL", DETAIL)


def test_what_the_server_says_in_english_reaches_nobody(parts):
    refusals = [
        [400, "invalid", "trainer_name"],
        [400, "invalid_choice", "selected_roles.0"],
        [400, "a_new_code", "bio"],
        [400, "a_new_code", "a_new_field"],
        [400, "access_denied", None],
        [0, "invalid_grant", None],
        *([status, "a_new_code", None] for status in (403, 404, 409, 418, 429, 500)),
    ]
    for language in ("ja", "en"):
        said = parts(language).run(WORDS, refusals)
        assert all(said)
        assert DETAIL not in said
        assert [text for text in said if "{" in text or "undefined" in text] == []
        if language == "ja":
            assert [text for text in said if ENGLISH.search(text)] == []
        else:
            assert "Not accepted: about you. Please check it." in said


FORM = """
  const { ApiError } = await import("/api.js");
  const { h } = await import("/dom.js");
  const { onSubmit, showRefusal } = await import("/refusal.js");
  const button = h("button", { type: "submit" }, "送る");
  const form = h("form", {}, h("label", { for: "a" }, "名前"),
    h("input", { id: "a", name: "trainer_name", required: "", "aria-describedby": "hint" }),
    h("p", { id: "hint" }, "ヒント"),
    h("label", { for: "b" }, "紹介"), h("textarea", { id: "b", name: "bio" }), button);
  onSubmit(form, button, async () => {
    window.sent = (window.sent ?? 0) + 1;
    showRefusal(form, new ApiError(400, argument, "English words.", "bio"));
  });
  document.getElementById("main").replaceChildren(form);
"""


def test_an_error_is_said_at_its_field_and_goes_with_the_next_attempt(parts):
    here = parts()
    here.run(FORM, "max_length")
    name, bio, button = here.page.locator("#a"), here.page.locator("#b"), here.page.get_by_role("button")
    button.click()  # the name is missing, and the page says so itself
    alert = here.page.locator("form [role=alert]")
    expect(alert).to_have_text("「トレーナー名」を入力してください。")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    assert name.get_attribute("aria-describedby") == f"hint {alert.get_attribute('id')}"
    assert here.run("return window.sent") is None
    name.fill("Aoi")
    button.click()
    expect(alert).to_have_text("自己紹介は200文字までです。")
    assert here.run("return document.querySelector('form [role=alert]').previousElementSibling.id") == "b"
    expect(bio).to_have_attribute("aria-invalid", "true")
    assert name.get_attribute("aria-invalid") is None
    assert name.get_attribute("aria-describedby") == "hint"


def test_what_is_about_no_field_is_said_at_the_foot_of_the_form(parts):
    here = parts()
    here.run(FORM.replace('"bio"));', "null));"), "match_done")
    here.page.locator("#a").fill("Aoi")
    here.page.get_by_role("button").click()
    expect(here.page.locator("form > :last-child")).to_have_text("この試合はすでに終了しています。")


def test_the_page_bars_at_the_points_at_which_the_server_does(parts):
    assert parts().run("return (await import('/join-refusal.js')).BARRED_AT") == BARRED_AT


def test_what_lies_over_the_top_of_the_window_hides_no_error(parts):
    here = parts()
    here.run(FORM, "invalid")
    here.run(
        "const space = () => Object.assign(document.createElement('div'), { style: 'height: 900px' });"
        "const bar = document.createElement('div'); bar.className = 'in-view'; bar.style = 'height: 150px';"
        "document.body.prepend(bar); document.querySelector('form').before(space()); document.body.append(space())"
    )
    here.page.evaluate("scrollTo(0, document.querySelector('button').getBoundingClientRect().top - 160)")
    here.page.get_by_role("button").click(position={"x": 2, "y": 20})
    alert = here.page.locator("form [role=alert]")
    expect(alert).to_be_visible()
    top = alert.evaluate("(each) => each.getBoundingClientRect().top")
    assert 150 < top < 700
