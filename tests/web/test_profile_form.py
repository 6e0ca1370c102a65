"""The profile's form: what is too long stays as it was pasted, and is refused at its field in the reader's words."""

import pytest
from playwright.sync_api import expect

SHOW = """
  const { profileForm } = await import("/parts/profile-form.js");
  const form = profileForm();
  document.getElementById("main").append(form.element);
  form.update({ trainer_name: "Aoi" });
"""
LABELS = {
    "trainer_name": ("トレーナー名", "トレーナー名は50文字までです。"),
    "bio": ("自己紹介", "自己紹介は200文字までです。"),
    "twitter_id": ("Twitter", "IDは半角の英数字と_で15文字までです。URLではなくIDを入力してください。"),
    "discord_username": ("Discordの名前", "Discordの名前は32文字までです。"),
}


@pytest.mark.parametrize("field", LABELS)
def test_a_paste_that_is_too_long_is_kept_and_refused_at_its_field(parts, field):
    label, words = LABELS[field]
    here = parts()
    here.run(SHOW)
    path = "PUT /users/me/discord" if field == "discord_username" else "PATCH /users/me/profile"
    here.answers["PATCH /users/me/profile"] = (200, {})
    here.refuse(path, 400, "max_length", "Ensure this field has no more characters.", field)
    typed = here.page.get_by_label(label)
    typed.focus()
    here.page.keyboard.insert_text("あ" * 250)
    here.page.get_by_role("button", name="保存").click()
    expect(here.page.get_by_role("alert").filter(has_text=words)).to_have_text(words)
    expect(typed).to_be_focused()
    assert typed.input_value().count("あ") == 250
    method, address = path.split(" ")
    assert [body[field].count("あ") for how, where, body in here.asked if (how, where) == (method, address)] == [250]


def test_the_button_keeps_the_focus_and_acts_once(parts):
    here = parts()
    here.run(SHOW)
    here.answers["PATCH /users/me/profile"] = (200, {})
    button = here.page.get_by_role("button", name="保存")
    button.focus()
    here.run("document.activeElement.click(); document.activeElement.click()")
    expect(here.page.get_by_role("button", name="保存しました")).to_be_focused()
    assert len(here.asked) == 1


def test_what_is_typed_while_it_is_saved_stays(parts):
    here = parts()
    here.run(SHOW.replace("const form", "window.form"))
    here.answers["PATCH /users/me/profile"] = (200, {})
    here.page.get_by_label("自己紹介").fill("はじめ")
    here.run(
        "const bio = document.getElementById('bio'); document.querySelector('[type=submit]').click();"
        "bio.value += 'まして'; bio.dispatchEvent(new Event('input'))"
    )
    expect(here.page.get_by_role("button", name="保存しました")).to_be_visible()
    here.run("form.update({ trainer_name: 'Aoi', bio: 'はじめ' })")
    expect(here.page.get_by_label("自己紹介")).to_have_value("はじめまして")
