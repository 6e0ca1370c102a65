"""What cannot be taken back is asked first: one tap does nothing."""

from playwright.sync_api import expect

from tests.web.test_match_screen import SHOW

HOST = "POST /matches/m1/host"
LATE = "{ host_user_id: 'b0', deadline: new Date(Date.now() - 1000).toISOString() }"


def test_taking_over_from_a_late_host_is_asked_first(parts):
    here = parts()
    here.answers[HOST] = (200, {})
    here.run(SHOW, "lobby")
    here.run(f"await draw(state('lobby', {LATE}))")
    take = here.page.get_by_role("button", name="ホストを引き継ぐ")
    take.click()
    question = here.page.get_by_role("group").filter(has_text="今のホストがロビーを作らなかったことになり")
    expect(question.get_by_role("button", name="やめる")).to_be_focused()
    assert here.asked == []
    question.get_by_role("button", name="やめる").click()
    expect(take).to_be_focused()
    expect(question).to_be_hidden()
    take.click()
    question.get_by_role("button", name="ホストを引き継ぐ").click()
    expect(here.page.locator(".take-over [aria-busy]")).to_have_count(0)
    assert [(f"{method} {path}", body) for method, path, body in here.asked] == [(HOST, {"user_id": "a0"})]


def test_the_question_goes_once_the_host_is_there_again(parts):
    here = parts()
    here.run(SHOW, "lobby")
    here.run(f"await draw(state('lobby', {LATE}))")
    here.page.get_by_role("button", name="ホストを引き継ぐ").click()
    here.run(
        "const there = state('lobby', { host_user_id: 'b0' });"
        "there.matches.m1.players.b0.online = true; await draw(there);"
        f"await draw(state('lobby', {LATE}))"
    )
    expect(here.page.locator(".take-over .confirm")).to_be_hidden()
    expect(here.page.get_by_role("button", name="ホストを引き継ぐ")).to_be_visible()
