"""Who was absent from a match that cannot be played. Pure: marks and attendance in, absent players out."""

from collections import Counter
from collections.abc import Collection

MIN_FURTHER_MARKS = 4
"""Marks that suffice for further absent players, once the marks of one have ended the match.

They must also come from most of the players who have marked anybody.
"""


def is_enough(marks: int, seats: int) -> bool:
    """Whether so many marks of a player end a match of so many seats: more than half of the other players."""
    return 2 * marks > seats - 1


def absent(seats: Collection[int], marks: Collection[tuple[int, int]], seen: Collection[int]) -> set[int]:
    """The absent players.

    The match ends as soon as one player has enough marks. Others who are missing too may have fewer marks by then,
    and are treated alike.

    Args:
        seats: all seats of the match.
        marks: (the seat that is missing, the seat that says so), each once.
        seen: the seats of players who have opened the match, or have been online since it was made.

    Returns:
        The seats of players who have enough marks, or were never seen.
    """
    count = Counter(missing for missing, _ in marks)
    markers = len({by for _, by in marks})
    marked = {
        seat
        for seat, number in count.items()
        if is_enough(number, len(seats)) or (number >= MIN_FURTHER_MARKS and 2 * number > markers)
    }
    return marked | set(seats).difference(seen)
