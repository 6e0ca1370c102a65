"""Reading the number of a lobby from what a player has typed."""

import re
import unicodedata

from users.errors import Invalid

LONGEST_TYPED = 100
"""The most characters that may be typed or pasted."""

_OTHER = re.compile(r"[^0-9]+")


def lobby_number(typed: object) -> str:
    """The eight digits in a text: `ID: １２３４ ５６７８` is 12345678.

    Compatibility forms of digits count (NFKC: full-width, circled, mathematical). Digits of other scripts do not,
    since the game does not show them.

    Args:
        typed: what the request or the form contains.

    Raises:
        Invalid: it does not contain exactly eight digits.
    """
    digits = ""
    if isinstance(typed, str) and len(typed) <= LONGEST_TYPED:
        digits = _OTHER.sub("", unicodedata.normalize("NFKC", typed))
    if len(digits) != 8:
        raise Invalid({"lobby_id": ["A lobby's number has eight digits."]})
    return digits
