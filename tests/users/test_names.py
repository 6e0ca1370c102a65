"""Names that look like another's."""

import pytest

from users import services
from users.models import DELETED
from users.names import is_deleted_name, is_staff_name, skeleton, tags
from users.selectors import ranked, with_ranks


@pytest.mark.parametrize(
    "name",
    [
        "Аnn",
        "Ａｎｎ",
        "𝐀nn",
        "ANN",
        "Ańn",
        "Ann\u200c",
        "A nn",
        "Ann\ufe0f",
    ],  # the first letter of the first is Cyrillic
)
def test_names_that_look_alike_have_one_skeleton(name):
    assert skeleton(name) == skeleton("Ann")


@pytest.mark.parametrize(
    ("one", "other"),
    [("ミュウ", "ﾐﾕｳ"), ("Amold", "Arnold"), ("I1l", "l|1"), ("ロイ", "口イ"), ("O0", "Оо"), ("へへ", "ヘヘ")],
)
def test_so_do_letters_that_only_the_font_tells_apart(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "Anna"), ("かき", "がき"), ("Ann", "Ann!"), ("ピカ", "ビカ"), ("Ray", "Tay")]
)
def test_names_that_differ_have_not(one, other):
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    "name",
    [
        DELETED,
        "退会済み（deleted）",
        "退会済み (dеlеtеd)",
        "退会済み\u00a0(DELETED)",
        "退会済み",
        "退 会 済 み",
        "deIeted",
    ],
)
def test_what_looks_like_a_deleted_account(name):
    assert is_deleted_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Unitemate 運営 (staff)", "ｓｔａｆｆ", "Stаff", "adm1n", "Admin01", "xX_admin_Xx", "MrAdmin", "a d m i n"),
        *("ᴀᴅᴍɪɴ", "sтᴀꜰꜰ", "🅰🅳🅼🅸🅽", "🅢🅣🅐🅕🅕", "🇦🇩🇲🇮🇳", "unitemaτe", "uɴɪᴛᴇᴍᴀᴛᴇ"),
        *("運営", "ユナイト運営", "大会スタッフ", "ス夕ッフ", "管理人", "公式", "Official", "Moderator"),
    ],
)
def test_what_looks_like_staff(name):
    assert is_staff_name(name)


@pytest.mark.parametrize("name", ["Ann", "Staffan", "Badminton", "非公式大会", "サポート専", "undeleted"])
def test_what_does_not(name):
    assert not is_staff_name(name)
    assert not is_deleted_name(name)


@pytest.mark.parametrize("name", ["退会済み（dеleted）", "運\u200c営", "Аdmin"])
def test_nobody_takes_a_reserved_name(sign_in, name):
    client, user = sign_in("Ann")
    answer = client.patch("/api/users/me/profile", {"trainer_name": name}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "reserved")
    user.refresh_from_db()
    assert user.trainer_name == "Ann"


@pytest.mark.django_db
def test_staff_may_be_called_staff_but_not_deleted(make_user):
    staff = make_user("Ann", is_staff=True)
    assert services.profile_update(user=staff, trainer_name="運営 Ann").trainer_name == "運営 Ann"
    with pytest.raises(services.accounts.Invalid):
        services.profile_update(user=staff, trainer_name=DELETED)


def test_players_whose_names_look_alike_are_told_apart_by_the_beginning_of_their_ids():
    names = {"abcd2222": "Ann", "efgh2222": "Аnn", "ijkl2222": "Bob"}
    assert tags(names) == {"abcd2222": "abcd", "efgh2222": "efgh"}


def test_a_tag_is_longer_where_the_beginnings_are_the_same():
    assert tags({"abcdefgh": "Ann", "abcdezzz": "Ann"}) == {"abcdefgh": "abcdef", "abcdezzz": "abcdez"}


@pytest.mark.django_db
def test_the_ranking_has_the_tags(make_user):
    for name in ("Ann", "Аnn", "Bob"):
        make_user(name, match_count=1)
    places = {place["trainer_name"]: (place["tag"], place["user_id"]) for place in with_ranks(ranked())}
    assert places["Bob"][0] is None
    for name in ("Ann", "Аnn"):
        tag, user_id = places[name]
        assert tag == user_id[:4]
