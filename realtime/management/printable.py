"""Showing untrusted text in a terminal."""

LONGEST = 600
"""Characters of one such text."""


def printable(text: str, longest: int = LONGEST) -> str:
    """A text whose control and invisible characters are escaped, as `\\x1b`, `\\n` or `\\u202e`.

    Args:
        text: a text from elsewhere, such as an answer or a name.
        longest: the characters that are shown of it.
    """
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
