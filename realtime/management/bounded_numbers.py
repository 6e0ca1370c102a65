"""Numbers that people set, in the environment or as an option of a command: which are taken, and why others are not."""

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
"""Digits alone. Python's own reading takes `nan`, `inf`, `1e9`, `1_000` and the digits of other scripts besides."""


@dataclass(frozen=True, slots=True)
class BoundedNumber:
    """A number between two bounds. Called with a text it returns the number, as `type` of an option of a command.

    Attributes:
        least, greatest: the bounds, which are taken themselves.
        of: what the number counts, such as `seconds`.
        is_whole: whether it has no decimals.
    """

    least: float
    greatest: float
    of: str = ""
    is_whole: bool = True

    def __str__(self) -> str:
        kind = f"a {'whole ' if self.is_whole else ''}number{f' of {self.of}' if self.of else ''}"
        return f"{kind} from {written(self.least)} to {written(self.greatest)}"

    def __call__(self, text: str) -> float:
        """Read a number.

        Returns:
            An `int` of a whole number, else a `float`.

        Raises:
            ArgumentTypeError: it is none, or out of bounds; in words that can be shown.
        """
        given = text.strip()
        number: float | None = None
        if (_WHOLE if self.is_whole else _DECIMAL).fullmatch(given):
            number = int(given) if self.is_whole else float(given)
        if number is None or not self.least <= number <= self.greatest:
            raise ArgumentTypeError(f"must be {self}, and is {given[:40]!r}")
        return number


def written(number: float) -> str:
    """A bound as people write it: without an exponent, and without decimals that say nothing."""
    return f"{number:.10f}".rstrip("0").rstrip(".")
