"""Names that look alike: reserved names, and tags that tell players with similar names apart."""

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
"""Characters of the public id in a tag. A tag is longer only where these are equal."""

_DELETED_WORDS = ("退会済",)
# Names of staff: reserved anywhere in a name, as one of its words, or as the whole name.
_STAFF_ANYWHERE = ("unitemate", "運営", "管理人", "管理者", "スタッフ", "モデレーター", "アドミン")
_STAFF_WORDS = ("staff", "admin", "admins", "administrator", "moderator", "moderators", "organiser", "organizer")
_STAFF_ALONE = ("official", "system", "公式", "システム")

_DRAWN = (
    *("LATIN LETTER SMALL CAPITAL", "REGIONAL INDICATOR SYMBOL LETTER"),
    *("NEGATIVE SQUARED LATIN CAPITAL LETTER", "NEGATIVE CIRCLED LATIN CAPITAL LETTER"),
)
"""Unicode names of letters drawn as capitals. Neither UTS 39 nor NFKD maps these to plain letters."""

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
    """The skeleton of a name (UTS 39): two names that look alike have the same one. It is never shown.

    Unseen characters, accents and white space are removed. Each remaining character is replaced by its
    prototype in lower case, and small kana by large ones.
    """
    return "".join(_alike(name).split())


def is_deleted_name(name: str) -> bool:
    """Whether a name looks like the name of deleted accounts."""
    letters = _letters(name)
    return any(word in letters for word in _skeletons(_DELETED_WORDS)) or letters == _letters("deleted")


def is_staff_name(name: str) -> bool:
    """Whether a name looks like one of staff."""
    letters = _letters(name)
    return (
        any(word in letters for word in _skeletons(_STAFF_ANYWHERE))
        or letters in _skeletons(_STAFF_WORDS + _STAFF_ALONE)
        or not _skeletons(_STAFF_WORDS).isdisjoint(_latin_words(name))
    )


def is_reserved(name: str, *, is_staff: bool) -> bool:
    """Whether a player may not have this name, since it looks like a deleted account's or like staff's.

    Args:
        name: as it would be stored.
        is_staff: whether the player is one of the staff.
    """
    return is_deleted_name(name) or (not is_staff and is_staff_name(name))


def tags(names: Mapping[str, str]) -> dict[str, str]:
    """Short tags for players whose names look alike: the beginnings of their public ids.

    Args:
        names: the names by public id.

    Returns:
        The tags by public id; players whose names are unique have none.
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
    """The skeleton of a name, with its white space."""
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
    """The letters and digits of a skeleton."""
    return "".join(filter(str.isalnum, skeleton(name)))


def _latin_words(name: str) -> set[str]:
    """The skeletons of a name's Latin words, look-alikes included. A digit counts both as a letter and as a gap."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return {word for text in (spaced, _DIGITS.sub(" ", spaced)) for word in _LATIN_WORD.findall(_alike(text))}


@cache
def _skeletons(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_letters, names))


@cache
def _prototypes() -> dict[int, str]:
    """The prototype of each character (UTS 39), read at the first comparison since that takes a moment."""
    pairs = {
        source: [entry["c"].strip("\u200e") for entry in entries]  # marks around what is written from right to left
        for source, entries in ((key.strip("\u200e"), found) for key, found in utils.load("confusables.json").items())
        if len(source) == 1
    }
    # The data lists for a prototype all its look-alikes, and for any other character its prototype alone.
    # Where two characters list each other, the smaller one is the prototype.
    prototypes = {
        ord(source): unicodedata.normalize(
            "NFKD", min(source, alike[0]) if pairs.get(alike[0]) == [source] else alike[0]
        )
        for source, alike in pairs.items()
        if len(alike) == 1 and len(alike[0]) == 1
    }
    return prototypes | _drawn(prototypes)


def _drawn(prototypes: Mapping[int, str]) -> dict[int, str]:
    """The plain letters for drawn letters, and for all characters whose prototype is a drawn letter."""
    letters: dict[str, str] = {}
    for form, letter in product(_DRAWN, ascii_uppercase):
        with suppress(KeyError):  # there is no small capital X
            drawn = unicodedata.lookup(f"{form} {letter}")
            letters |= dict.fromkeys((drawn, prototypes.get(ord(drawn), drawn)), letter.lower())
    alike = {source: letters[prototype] for source, prototype in prototypes.items() if prototype in letters}
    return alike | {ord(drawn): letter for drawn, letter in letters.items()}
