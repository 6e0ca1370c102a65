"""One's own data, in a real browser: taken along as a file, and removed for good."""

import json

import pytest
from playwright.sync_api import expect

from users.models import DELETED, User

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


def open_own_data(visitor, heading: str) -> None:
    visitor.page.locator("nav a[href='#me']").click()
    expect(
        visitor.page.get_by_text({"ja": "まだ試合がありません。", "en": "No matches yet."}[visitor.language])
    ).to_be_visible()
    # By keyboard: a click misses while the curve and the records above come in.
    visitor.page.get_by_role("heading", name=heading).locator("xpath=ancestor::summary").press("Enter")


def test_a_player_takes_their_data_along(visitor):
    aoi = visitor("Aoi")
    open_own_data(aoi, "あなたのデータ")
    with aoi.page.expect_download() as downloading:
        aoi.page.get_by_role("button", name="データをダウンロード").click()
    user = User.objects.get()
    assert downloading.value.suggested_filename == f"unitemate-account-{user.pk}.json"
    account = json.loads(downloading.value.path().read_text())["account"]
    assert (account["trainer_name"], account["subject"]) == ("Aoi", user.subject)
    aoi.shoot("own-data")


@pytest.mark.parametrize(
    ("locale", "heading", "delete", "wrong", "gone"),
    [
        ("ja-JP", "あなたのデータ", "アカウントを削除", "トレーナー名が違います。", "アカウントを削除しました。"),
        ("en-GB", "Your data", "Delete my account", "That is not your trainer name.", "Your account has been deleted."),
    ],
)
def test_a_player_deletes_the_account_by_its_name(visitor, locale, heading, delete, wrong, gone):
    aoi = visitor("Aoi", locale=locale, viewport=PHONE)
    other = visitor("Aoi", locale=locale)  # another device
    open_own_data(aoi, heading)
    aoi.page.get_by_role("button", name=delete).click()
    sheet = aoi.page.get_by_role("dialog")
    name = sheet.get_by_role("textbox")
    name.fill("Aoi!")
    sheet.get_by_role("button", name=delete).click()
    expect(sheet.get_by_role("alert")).to_have_text(wrong)
    aoi.shoot(f"own-data-delete-{aoi.language}", full_page=False)
    name.fill("Aoi")
    name.press("Enter")
    expect(aoi.page.get_by_text(gone)).to_be_visible()
    expect(aoi.page.get_by_role("button", name={"ja": "ログイン", "en": "Sign in"}[aoi.language])).to_be_visible()
    aoi.shoot(f"own-data-deleted-{aoi.language}", full_page=False)
    refused = {"ja": "このアカウントは現在利用できません。", "en": "This account cannot be used at present."}
    expect(other.page.get_by_text(refused[aoi.language])).to_be_visible()
    assert User.objects.get().trainer_name == DELETED


def test_in_a_match_one_is_told_to_finish_it(visitor, fill_match):
    aoi = visitor("Aoi")
    aoi.join("TOP_LANE", "MIDDLE", "BOTTOM_LANE", "SUPPORT", "TANK")
    fill_match(9)
    expect(aoi.page.locator("#play .match")).to_be_visible()
    open_own_data(aoi, "あなたのデータ")
    aoi.page.get_by_role("button", name="アカウントを削除").click()
    sheet = aoi.page.get_by_role("dialog", name="アカウントを削除しますか？")
    sheet.get_by_role("textbox").fill("Aoi")
    sheet.get_by_role("button", name="アカウントを削除").click()
    expect(sheet.get_by_role("alert")).to_have_text("対戦中です。先に結果を報告してください。")
    sheet.get_by_role("button", name="削除しない").click()
    expect(sheet).to_be_hidden()
