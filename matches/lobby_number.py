"""The number of a lobby, as players type it."""

import re
import unicodedata

from users.errors import Invalid

LONGEST_TYPED = 100
"""Characters that may be typed or pasted around the number."""

_OTHER = re.compile(r"[^0-9]+")


def lobby_number(typed: object) -> str:
    """The eight digits in what was typed: `ID: １２３４ ５６７８` is 12345678.

    Compatibility forms count as the digits that they are (NFKC: full-width, circled, mathematical). Digits
    of scripts in which the game shows no numbers do not.

    Args:
        typed: what the request or the form has.

    Raises:
        Invalid: there are not just eight digits in it.
    """
    digits = ""
    if isinstance(typed, str) and len(typed) <= LONGEST_TYPED:
        digits = _OTHER.sub("", unicodedata.normalize("NFKC", typed))
    if len(digits) != 8:
        raise Invalid({"lobby_id": ["A lobby's number has eight digits."]})
    return digits
