"""Elo's formulas for the expected score and the change of a rating.

They are from A. E. Elo, *The Rating of Chessplayers, Past and Present* (1978). A player rated R_a has this
expected score against a player rated R_b, in the logistic form:

    E_a = 1 / (1 + 10 ** ((R_b - R_a) / 400))

A game with score S (1 for a win, 0 for a loss) changes the rating by K * (S - E_a).
"""

SCALE = 400
"""Rating points that make the stronger player win ten times as often as the weaker."""

K = 20
"""The most that one match can move a settled rating."""

K_NEWCOMER = 40
"""The most that one match can move a newcomer's rating, which is still a guess."""

NEWCOMER_MATCHES = 10
"""Decided matches after which a player is no longer a newcomer."""


def expected(rating: float, opponent: float) -> float:
    """The share of wins (0 to 1) to expect from `rating` against `opponent`."""
    return float(1 / (1 + 10 ** ((opponent - rating) / SCALE)))
