"""What people write, before others see it."""

import pytest

from users.errors import Invalid
from users.text import checked, clean


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
    ],
)
def test_a_line_is_trimmed_and_rid_of_what_cannot_be_seen(written, kept):
    assert clean(written) == kept


def test_a_text_keeps_its_line_breaks():
    assert clean(" a\r\nb\rc\u2028d\n\ne ", lines=True) == "a\nb\nc\nd\n\ne"


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b", "\u3164", "\u202e", "\t\n", "\u200d", "\ufe0f"])
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
