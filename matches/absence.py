"""Who was absent from a match that cannot be played. Pure: who said what and who was seen in, the absent out."""

from collections import Counter
from collections.abc import Collection

ALIKE = 4
"""So many marks are enough once another player's have ended the match, where most who marked anybody gave one."""


def is_enough(marks: int, seats: int) -> bool:
    """Whether so many marks end a match of so many seats: more than half of the others say that a player is missing."""
    return 2 * marks > seats - 1


def absent(seats: Collection[int], marks: Collection[tuple[int, int]], seen: Collection[int]) -> set[int]:
    """The absent, who are all treated alike, although the first of them whom enough have marked ends the match.

    Args:
        seats: all seats of the match.
        marks: (who is missing, who says so), each once.
        seen: the seats of those who have opened the match, or have been online since it was made.
    """
    count = Counter(missing for missing, _ in marks)
    markers = len({by for _, by in marks})
    marked = {
        seat
        for seat, number in count.items()
        if is_enough(number, len(seats)) or (number >= ALIKE and 2 * number > markers)
    }
    return marked | set(seats).difference(seen)
