"""Cleaning and checking the texts that people write."""

import re
import unicodedata

from users.errors import Invalid

MOST_MARKS = 4
"""Combining marks in a row that are kept. More of them would cover neighbouring lines (UTS 39, 5.4)."""

# What is an emoji, or becomes one with a variation selector, and code points that are reserved for new ones (UTS 51).
_EMOJI = (
    r"[©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙"
    r"\U0001F000-\U0001FAFF\U0001FC00-\U0001FFFD]"
)
_FLAGS = "|".join(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
# An emoji with all that belongs to it: selectors, joiners, and the tags of the three flags that are made of such.
_WHOLE_EMOJI = rf"{_FLAGS}|{_EMOJI}[\ufe0e\ufe0f]?(?:\u200d{_EMOJI}[\ufe0e\ufe0f]?)*|[0-9#*]\ufe0f?\u20e3"
_PIECE = re.compile(rf"(?P<emoji>{_WHOLE_EMOJI})|.", re.DOTALL)

# The Default_Ignorable_Code_Point of DerivedCoreProperties.txt that are not of the category Cf.
_IGNORABLE = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000E0000-\U000E0FFF]"
)
# They have a width and show nothing, although Unicode counts them as letters, marks or symbols.
_BLANK = re.compile(r"[\u2800\u303f\ufffc\U00013441\U00013442\U00016FE4\U0001D159]")
# Unassigned code points that are emoji or kanji newer than this Python's tables, or will be.
_NEWER = re.compile(r"[\U0001F000-\U0001FAFF\U00020000-\U0002FFFD\U00030000-\U0003FFFD]")
_LINE_BREAK = re.compile(r"\r\n?|[\u2028\u2029]")


def clean(value: str, *, lines: bool = False) -> str:
    """The text in composed form (NFC), trimmed, without control characters and other unseen ones.

    Characters that belong to an emoji stay. Blank characters that are not white space become spaces.

    Args:
        value: any text.
        lines: whether line breaks and runs of spaces stay; otherwise each run of white space becomes one space.
    """
    value = "".join(
        piece[0] if piece.lastgroup == "emoji" else _shown(piece[0])
        for piece in _PIECE.finditer(_LINE_BREAK.sub("\n", value))
    )
    if not lines:
        value = _BLANK.sub(" ", value)
    value = _with_few_marks(unicodedata.normalize("NFC", value))
    return value.strip() if lines else " ".join(value.split())


def acceptable(value: str, *, longest: int, blank: bool = True, lines: bool = False) -> str:
    """The cleaned text, if it is acceptable.

    Args:
        value: as somebody wrote it.
        longest: characters it may have when cleaned.
        blank: whether the cleaned text may be empty.
        lines: see `clean`.

    Raises:
        Invalid: the text contains NUL or an unpaired surrogate, is too long, or is blank.
    """
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise Invalid("This text has characters that cannot be stored.", code="invalid")
    cleaned = clean(value, lines=lines)
    if len(cleaned) > longest:
        raise Invalid(f"This may have at most {longest} characters.", code="max_length")
    if not blank and not any(map(_is_visible, cleaned)):
        raise Invalid("This may not be blank.", code="blank")
    return cleaned


def checked(value: str, *, field: str, longest: int, blank: bool = True, lines: bool = False) -> str:
    """The cleaned text of one field of a request.

    Args:
        value: as the caller sent it.
        field: its name, for the error.
        longest, blank, lines: see `acceptable`.

    Raises:
        Invalid: as `acceptable` does, with the field's name.
    """
    try:
        return acceptable(value, longest=longest, blank=blank, lines=lines)
    except Invalid as error:
        raise Invalid({field: error}) from error


def is_unseen(character: str) -> bool:
    """Whether a character shows nothing and has no width."""
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") or bool(_IGNORABLE.match(character))


def _shown(character: str) -> str:
    if character in "\n\t":
        return character
    unassigned = unicodedata.category(character) == "Cn" and not _NEWER.match(character)
    return "" if unassigned or is_unseen(character) else character


def _is_visible(character: str) -> bool:
    if _BLANK.match(character):
        return False
    return unicodedata.category(character)[0] in "LNPS" or bool(_NEWER.match(character))


def _with_few_marks(value: str) -> str:
    """The text without leading white space, without combining marks at its start, and at most `MOST_MARKS` in a row."""
    kept: list[str] = []
    marks = MOST_MARKS  # so that a mark at the start, which has no base character, is dropped
    for character in value:
        if unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
            if marks > MOST_MARKS:
                continue
        elif kept or not character.isspace():
            marks = 0
        else:
            continue
        kept.append(character)
    return "".join(kept)
