"""The admin's own words are there in Japanese and in English, whole."""

import gettext
import re
from datetime import timedelta

import pytest
from django.utils.translation import override

from matches.models import Match, Season
from staff.models import HouseRules
from tests.scenes import make_match
from tests.staff.acting import act, page_of
from tests.staff.scenes import ACTIONS, finished, player, scene
from tests.staff.words import CATALOGUE, catalogue, said
from users.models import User
from users.times import span

pytestmark = pytest.mark.django_db
LATIN = re.compile(r"[A-Za-z]{2,}")
AS_THEY_ARE = re.compile(
    r"TOP_LANE|MIDDLE|BOTTOM_LANE|SUPPORT|TANK|Discord|Twitter|ID|UTC|JST|https|MATCH_HOURS|always|matches\.match|sub(ject)?|icon|colour|rrggbb"
)
"""What is called the same in Japanese."""


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("staff|root", "a long password", trainer_name="根"))
    return client


def test_the_catalogue_has_all_that_is_said_and_nothing_else():
    entries = catalogue().keys() - {""}
    assert said() == entries


def test_every_entry_is_japanese_and_has_the_same_values_in_it():
    for english, japanese in catalogue().items():
        if english:
            assert not LATIN.search(AS_THEY_ARE.sub("", re.sub(r"%\(\w+\)", "", japanese))), english
            values = re.compile(r"%(?:\(\w+\))?[sd]")
            assert sorted(values.findall(japanese)) == sorted(values.findall(english)), english


def test_what_the_service_reads_is_what_is_written():
    with (CATALOGUE / "django.mo").open("rb") as compiled:
        read = gettext.GNUTranslations(compiled)
    assert {english: read.gettext(english) for english in catalogue() if english} == {
        english: japanese for english, japanese in catalogue().items() if english
    }


@pytest.mark.parametrize(("model", "action"), ACTIONS)
def test_every_action_asks_in_the_readers_language(staff, model, action):
    row, _, _ = scene(ACTIONS[model, action])
    form = {"action": action, "_selected_action": [row.pk]}
    answers = {
        language: staff.post(page_of(model, "changelist"), form, headers={"Accept-Language": language})
        for language in ("ja", "en")
    }
    for language, answer in answers.items():
        with override(language):
            fields = answer.context["form"]
            words = [str(answer.context["title"]), *(f"{field.label} {field.help_text}" for field in fields)]
        foreign = [word for word in words if bool(LATIN.search(AS_THEY_ARE.sub("", str(word)))) != (language == "en")]
        assert foreign == [], language


@pytest.mark.parametrize(
    ("language", "done", "refused"),
    [("ja", "完了しました。", "この試合は終わっています。"), ("en", "Done.", "This match is done.")],
)
def test_what_came_of_it_is_said_in_the_readers_language(staff, language, done, refused):
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert f"Ann 0: {done}" in act(staff, "ban", player()).content.decode()
    assert refused in act(staff, "void", finished()).content.decode()


def test_columns_and_the_timeline_are_in_japanese(staff):
    match = make_match()
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    listed = staff.get(page_of(Match, "changelist")).content.decode()
    shown = staff.get(page_of(Match, "change", match.pk)).content.decode()
    voice = staff.get("/admin/matches/match/voice/").content.decode()
    for word in ("段階", "成立日時", "ボイスチャンネル"):
        assert word in listed
    for word in ("経過", "運営による操作", "無効にする", "ホスト", "まだありません。"):
        assert word in shown
    assert "使用中の試合" in voice
    Season.objects.create(name="一", starts_at=match.matched_at)
    assert "予定" in staff.get(page_of(Season, "changelist")).content.decode()


def test_spans_and_the_names_of_pages_are_in_japanese(staff):
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    assert "0分00秒" in staff.get(page_of(Match, "change", make_match().pk)).content.decode()
    assert "House rules" not in staff.get(page_of(HouseRules, "change", 1)).content.decode()
    with override("ja"):
        assert [span(timedelta(seconds=each)) for each in (185, 7500)] == ["3分05秒", "2時間05分"]
    with override("en"):
        assert [span(timedelta(seconds=each)) for each in (185, 7500)] == ["3 min 05 s", "2 h 05 min"]


def test_who_is_no_staff_bears_no_red_cross(staff):
    player()
    listed = staff.get(page_of(User, "changelist")).content.decode()
    assert "icon-no" not in listed
    assert listed.count('<td class="field-staff">✓</td>') == 1


def test_in_english_everything_is_as_it_is_written(staff):
    staff.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    match = make_match()
    shown = staff.get(page_of(Match, "change", match.pk)).content.decode()
    for word in ("Timeline", "Done by staff", "Void", "Matched at"):
        assert word in shown
