"""What people write, before others see it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.errors import Invalid
from users.text import checked, clean, is_unseen

BLANK = "\u2800\U0001d159\uffa0\u115f\u17b4\u180b\ufffc\U000e0020\u034f\u200c\ue000\u0378\ufffe\u303f\U000110bd\u0301"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
EMOJI_PARTS = {"\u200d", "\ufe0e", "\ufe0f", *map(chr, range(0xE0020, 0xE0080))}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ann  ", "Ann"),
        ("A\tn\n n", "A n n"),
        ("A\x07n\x1bn", "Ann"),
        ("\u202eAnn\u202c", "Ann"),
        ("A\u200bnn\ufeff", "Ann"),
        ("が", "が"),  # composed
        ("👩‍🚀", "👩‍🚀"),
        ("ﾐｭｳ", "ﾐｭｳ"),
        ("\u3000ミュウ\u3000", "ミュウ"),
        ("A\u200cn\u200dn\ufe0f", "Ann"),
        ("A\u034fn\u2065n\U000e01ef", "Ann"),
        ("Ann" + "".join(chr(0xE0000 + ord(letter)) for letter in "secret"), "Ann"),
        ("A\ufff9nn\ufffa\ufffb", "Ann"),
        ("Ann\U00013430\U000110bd\ue000\u0378\ufdd0\U000f0000", "Ann"),
        ("Ann\u2800", "Ann"),
        ("\t\u3000\u0308Ann", "Ann"),
        ("\u0308 \u0308 \u0308Ann", "Ann"),
        ("A\U0001d159n\ufffcn", "A n n"),
        ("👩🏽‍❤️‍👨🏻 1️⃣ ☂️", "👩🏽‍❤️‍👨🏻 1️⃣ ☂️"),
        (ENGLAND, ENGLAND),
        ("🏴\U000e0078\U000e007f", "🏴"),
        ("👩‍", "👩"),
        ("👩‍a", "👩a"),
        ("❤️️", "❤️"),
        ("\U0001fae9\U000323af", "\U0001fae9\U000323af"),  # an emoji of Unicode 16, a kanji of Unicode 15
        ("A" + "\u0335\u0489" * 20, "A" + "\u0335\u0489" * 2),
        ("\u0301Ann", "Ann"),
    ],
)
def test_a_line_is_trimmed_and_rid_of_what_cannot_be_seen(written, kept):
    assert clean(written) == kept


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("👩❤\u200d\ufe0f\u0301\u2800 1a\u20e3")))
def test_cleaning_again_changes_nothing_and_leaves_nothing_unseen_but_in_emoji(written):
    line = clean(written)
    assert clean(line) == line == unicodedata.normalize("NFC", line).strip()
    assert not any(is_unseen(character) for character in line if character not in EMOJI_PARTS)


def test_a_text_keeps_its_line_breaks():
    assert clean(" a\r\nb\rc\u2028d\n\ne ", lines=True) == "a\nb\nc\nd\n\ne"


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b", "\u3164", "\u202e", "\t\n", "\u200d", "\ufe0f", *BLANK])
def test_what_shows_nothing_is_blank(blank):
    with pytest.raises(Invalid) as caught:
        checked(blank, field="name", longest=50, blank=False)
    assert caught.value.error_dict["name"][0].code == "blank"
    checked(blank, field="name", longest=50)


@pytest.mark.parametrize("broken", ["a\0b", "\0", "\ud800", "a\udfff"])
def test_what_cannot_be_stored_is_refused(broken):
    with pytest.raises(Invalid):
        checked(broken, field="name", longest=50)


def test_length_counts_what_is_kept():
    assert checked("\u200b" * 60 + "Ann", field="name", longest=3) == "Ann"
    with pytest.raises(Invalid) as caught:
        checked("Anna", field="name", longest=3)
    assert caught.value.error_dict["name"][0].code == "max_length"
