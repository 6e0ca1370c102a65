"""Numbers that people set, in the environment or as options of commands: how they are read and refused."""

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
"""ASCII digits only. Python itself also reads `nan`, `inf`, `1e9`, `1_000` and the digits of other scripts."""


@dataclass(frozen=True, slots=True)
class BoundedNumber:
    """A number between two bounds. Called with a text it returns the number, so it can be the `type` of an option.

    Attributes:
        least, greatest: the bounds, inclusive.
        of: the unit, such as `seconds`.
        is_whole: whether decimals are refused.
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
            An `int` if decimals are refused, else a `float`.

        Raises:
            ArgumentTypeError: the text is not such a number. The message can be shown to people.
        """
        given = text.strip()
        number: float | None = None
        if (_WHOLE if self.is_whole else _DECIMAL).fullmatch(given):
            number = int(given) if self.is_whole else float(given)
        if number is None or not self.least <= number <= self.greatest:
            raise ArgumentTypeError(f"must be {self}, and is {given[:40]!r}")
        return number


def written(number: float) -> str:
    """A bound as people write it: without an exponent and without trailing zeros."""
    return f"{number:.10f}".rstrip("0").rstrip(".")
