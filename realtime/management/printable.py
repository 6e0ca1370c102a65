"""Text that came from elsewhere, on its way to a terminal."""

LONGEST = 600
"""Characters of one such text."""


def printable(text: str, longest: int = LONGEST) -> str:
    """The text with what a terminal would obey, or nobody would see, written out as `\\x1b`, `\\n` or `\\u202e`.

    Args:
        text: whatever was received: an answer, a name, a line of another process.
        longest: characters that are shown of it.
    """
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
