"""What people may write about themselves, made fit to be stored and shown to others."""

import re
import unicodedata

from users.errors import Invalid

# Not to be seen, or able to turn the text around them: nothing a name needs. The joiner that emoji
# are made of (U+200D) is not among them.
_UNSEEN = re.compile(r"[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]")
_LINE_BREAK = re.compile(r"\r\n?|[\u2028\u2029]")


def clean(value: str, *, lines: bool = False) -> str:
    """The text in its composed form, without control and other unseen characters, and trimmed.

    Args:
        value: any text.
        lines: whether line breaks may stay; otherwise all white space becomes single spaces.
    """
    value = _LINE_BREAK.sub("\n", unicodedata.normalize("NFC", value))
    kept = "".join(
        character
        for character in _UNSEEN.sub("", value)
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return kept.strip() if lines else " ".join(kept.split())


def checked(value: str, *, field: str, longest: int, blank: bool = True, lines: bool = False) -> str:
    """The text cleaned, if it is acceptable.

    Args:
        value: as the caller sent it.
        field: its name, for the error.
        longest: characters it may have when cleaned.
        blank: whether nothing may be left of it.
        lines: see `clean`.

    Raises:
        Invalid: it holds a NUL or half a character, is too long, or blank.
    """
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise Invalid({field: Invalid("This text has characters that cannot be stored.", code="invalid")})
    cleaned = clean(value, lines=lines)
    if len(cleaned) > longest:
        raise Invalid({field: Invalid(f"This may have at most {longest} characters.", code="max_length")})
    if not blank and not any(unicodedata.category(character)[0] in "LNPS" for character in cleaned):
        raise Invalid({field: Invalid("This may not be blank.", code="blank")})
    return cleaned
