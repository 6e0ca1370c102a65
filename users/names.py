"""Names that look alike: those that nobody may take, and those that a short tag tells apart."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from itertools import product
from string import ascii_uppercase

from confusable_homoglyphs import utils

from users.text import is_unseen

TAG_LENGTH = 4
"""Characters of the public id in a tag; there are more only where these are the same."""

_DELETED_WORDS = ("退会済",)
# Who speaks for the house: in any part of a name, as a word of it, or as the whole of it.
_STAFF_ANYWHERE = ("unitemate", "運営", "管理人", "管理者", "スタッフ", "モデレーター", "アドミン")
_STAFF_WORDS = ("staff", "admin", "admins", "administrator", "moderator", "moderators", "organiser", "organizer")
_STAFF_ALONE = ("official", "system", "公式", "システム")

_DRAWN = (
    *("LATIN LETTER SMALL CAPITAL", "REGIONAL INDICATOR SYMBOL LETTER"),
    *("NEGATIVE SQUARED LATIN CAPITAL LETTER", "NEGATIVE CIRCLED LATIN CAPITAL LETTER"),
)
"""What Unicode calls letters that are drawn as capitals, for which neither UTS 39 nor NFKD has the letter itself."""

_VOICED = "\u3099\u309a"  # these marks make another kana
_SMALL_KANA = str.maketrans(
    "ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ", "アイウエオツヤユヨワカケあいうえおつやゆよわ"
)
_ALIKE_IN_ASCII = str.maketrans("i1|0", "lllo")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DIGITS = re.compile(r"\d+")
_LATIN_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=4096)
def skeleton(name: str) -> str:
    """What two names have in common that look alike: for comparing, never to be shown.

    Unseen characters, accents and white space are out; what is left is replaced by its prototype (UTS 39) in
    lower case, and small kana by large.
    """
    return "".join(_alike(name).split())


def is_deleted_name(name: str) -> bool:
    """Whether a name looks like that of deleted accounts, which nobody may bear."""
    letters = _letters(name)
    return any(word in letters for word in _skeletons(_DELETED_WORDS)) or letters == _letters("deleted")


def is_staff_name(name: str) -> bool:
    """Whether a name looks like that of somebody who speaks for the house."""
    letters = _letters(name)
    return (
        any(word in letters for word in _skeletons(_STAFF_ANYWHERE))
        or letters in _skeletons(_STAFF_WORDS + _STAFF_ALONE)
        or not _skeletons(_STAFF_WORDS).isdisjoint(_latin_words(name))
    )


def is_reserved(name: str, *, is_staff: bool) -> bool:
    """Whether a player may not be called so: deleted accounts are, or staff.

    Args:
        name: as it would be stored.
        is_staff: whether the player is one of the staff.
    """
    return is_deleted_name(name) or (not is_staff and is_staff_name(name))


def tags(names: Mapping[str, str]) -> dict[str, str]:
    """What tells those players apart whose names look alike: the beginning of each one's public id.

    Args:
        names: the names by public id.

    Returns:
        The tags by public id, of those who need one.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for user_id, name in names.items():
        groups[skeleton(name)].append(user_id)
    return {
        user_id: tag
        for user_ids in groups.values()
        if len(user_ids) > 1
        for user_id, tag in zip(user_ids, _beginnings(user_ids), strict=True)
    }


def _beginnings(user_ids: list[str]) -> list[str]:
    for length in range(TAG_LENGTH, max(map(len, user_ids))):
        beginnings = [user_id[:length] for user_id in user_ids]
        if len(set(beginnings)) == len(user_ids):
            return beginnings
    return user_ids


def _alike(name: str) -> str:
    """The skeleton with its white space."""
    prototypes = _prototypes()
    seen = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.translate(prototypes)).translate(prototypes)
        if not is_unseen(character) and (character in _VOICED or not _is_accent(character))
    )
    alike = seen.translate(_SMALL_KANA).casefold().translate(_ALIKE_IN_ASCII)
    return alike.replace("rn", "m").replace("vv", "w")


def _is_accent(character: str) -> bool:
    return unicodedata.category(character) == "Me" or unicodedata.combining(character) != 0


def _letters(name: str) -> str:
    """The skeleton without what is no letter or digit."""
    return "".join(filter(str.isalnum, skeleton(name)))


def _latin_words(name: str) -> set[str]:
    """The skeletons of its words in Latin letters, or what looks like these; a digit may be a letter, or end a word."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return {word for text in (spaced, _DIGITS.sub(" ", spaced)) for word in _LATIN_WORD.findall(_alike(text))}


@cache
def _skeletons(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_letters, names))


@cache
def _prototypes() -> dict[int, str]:
    """For each character the one that UTS 39 compares it by. Read when a name is first compared: it takes a moment."""
    pairs = {
        source: [entry["c"].strip("\u200e") for entry in entries]  # marks around what is written from right to left
        for source, entries in ((key.strip("\u200e"), found) for key, found in utils.load("confusables.json").items())
        if len(source) == 1
    }
    # The prototype has all that look like it, any other its prototype alone; of two that have each other, one is it.
    prototypes = {
        ord(source): unicodedata.normalize(
            "NFKD", min(source, alike[0]) if pairs.get(alike[0]) == [source] else alike[0]
        )
        for source, alike in pairs.items()
        if len(alike) == 1 and len(alike[0]) == 1
    }
    return prototypes | _drawn(prototypes)


def _drawn(prototypes: Mapping[int, str]) -> dict[int, str]:
    """The letters for drawn ones, and for all that are compared by these."""
    letters: dict[str, str] = {}
    for form, letter in product(_DRAWN, ascii_uppercase):
        with suppress(KeyError):  # there is no small capital X
            drawn = unicodedata.lookup(f"{form} {letter}")
            letters |= dict.fromkeys((drawn, prototypes.get(ord(drawn), drawn)), letter.lower())
    alike = {source: letters[prototype] for source, prototype in prototypes.items() if prototype in letters}
    return alike | {ord(drawn): letter for drawn, letter in letters.items()}
