"""Which roles the next match lacks. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from users.roles import PLACES_PER_ROLE


def needed_roles(entries: Mapping[frozenset[str], int], roles: Sequence[str]) -> list[str]:
    """The roles that more entries would have to name before a match can be made.

    By Hall's theorem the places of a set of roles can all be filled if and only if every subset
    of it has enough entries that name one of its roles, two for each. A subset with fewer is
    deficient. The needed roles are those of the smallest deficient subsets: only these say where the
    shortage is.

    Args:
        entries: {roles named: how many entries name just these}.
        roles: all roles; the answer keeps their order.

    Returns:
        The needed roles; an empty list if a match can be made.
    """
    deficient: list[frozenset[str]] = []
    for size in range(1, len(roles) + 1):
        for subset in map(frozenset, combinations(roles, size)):
            if any(smaller <= subset for smaller in deficient):
                continue
            if _naming_any(entries, subset) < PLACES_PER_ROLE * size:
                deficient.append(subset)
    needed = frozenset().union(*deficient)
    return [role for role in roles if role in needed]


def _naming_any(entries: Mapping[frozenset[str], int], subset: Iterable[str]) -> int:
    return sum(number for named, number in entries.items() if not named.isdisjoint(subset))
