"""Tickets for tests."""

import random

from hypothesis import strategies as st

from matches.matchmaking import Ticket
from users.roles import ROLES

NOW = 1000.0

JUST_BEFORE = st.integers(0, 5)


def ticket(number: int, roles=ROLES, *, rating: float = 1500, queued_at: float | None = None, blocked=()) -> Ticket:
    """A ticket of someone who, unless told otherwise, has waited past the hard limit, the lower numbers longer."""
    waiting_since = float(number) if queued_at is None else queued_at
    return Ticket(f"p{number:03}", rating, tuple(roles), waiting_since, frozenset(blocked))


@st.composite
def ticket_lists(draw, least=0, most=24, blocks=False, since=JUST_BEFORE):
    """Tickets of any kind, that joined at the times `since`."""
    count = draw(st.integers(least, most))
    made = []
    for number in range(count):
        roles = draw(st.lists(st.sampled_from(ROLES), min_size=2, max_size=5, unique=True))
        blocked = draw(st.sets(st.integers(0, most), max_size=3)) if blocks else ()
        made.append(
            ticket(
                number,
                roles,
                rating=draw(st.integers(1000, 2000)),
                queued_at=draw(since),
                blocked=(f"p{other:03}" for other in blocked),
            )
        )
    return made


def random_tickets(number: int, seed: int, *, waited: float = 400.0) -> list[Ticket]:
    """Tickets as of an evening: normal ratings, mostly two or three roles, a few blocks, waits up to `waited`."""
    rng = random.Random(seed)
    ids = [f"p{index:05}" for index in range(number)]
    return [
        Ticket(
            player_id,
            round(rng.gauss(1500, 250)),
            tuple(rng.sample(ROLES, rng.choices((2, 3, 4, 5), (58, 26, 6, 10))[0])),
            NOW - rng.uniform(0, waited),
            frozenset(rng.sample(ids, 1) if rng.random() < 0.2 else ()),
        )
        for player_id in ids
    ]
