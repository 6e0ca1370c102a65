"""Elo's formulas.

A. E. Elo, *The Rating of Chessplayers, Past and Present* (1978), gives the expected score of a
player rated R_a against one rated R_b in its logistic form as

    E_a = 1 / (1 + 10 ** ((R_b - R_a) / 400))

and the change of rating after a game with score S (1 for a win, 0 for a loss) as K * (S - E_a).
"""

SCALE = 400
"""Rating points that make the stronger one a tenfold favourite."""

K = 20
"""The most that one match can move a settled rating."""

K_NEWCOMER = 40
"""The same for a newcomer, whose rating is still a guess and had better find its level soon."""

NEWCOMER_MATCHES = 10
"""How many decided matches a player is a newcomer for."""


def expected(rating: float, opponent: float) -> float:
    """The share of wins (0 to 1) to expect from `rating` against `opponent`."""
    return float(1 / (1 + 10 ** ((opponent - rating) / SCALE)))
