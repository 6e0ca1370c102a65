"""What the simulated players do, how much and how often.

Aggregates (counts and quantiles, nothing of anybody) of one real evening and night of play: a
season's first day from 14 h, 19.1 hours, 535 players, 393 finished matches. What those leave open
stands at the end, under "assumed". Times are in seconds of the evening.
"""

from typing import Final

from matches.result import Result

NEW_PLAYERS_BY_HOUR: Final = (89, 63, 45, 49, 50, 48, 33, 29, 29, 30, 25, 10, 10, 7, 4, 6, 1, 2, 5, 0)
PLAYERS: Final = sum(NEW_PLAYERS_BY_HOUR)
HOURS: Final = 19.1

# Quantile -> matches played by a player, before rounding; 78 of 535 played one. The mean is 7.3.
MATCHES_PER_PLAYER: Final = ((0.0, 1), (78 / 535, 1.49), (0.5, 5), (0.95, 21), (1.0, 35))

ROLES_NAMED: Final = {2: 0.58, 3: 0.26, 4: 0.06, 5: 0.10}
NAMED_FIRST: Final = {"SUPPORT": 0.25, "TOP_LANE": 0.23, "BOTTOM_LANE": 0.18, "MIDDLE": 0.18, "TANK": 0.16}
NAMED_AT_ALL: Final = {"TANK": 0.49, "BOTTOM_LANE": 0.49, "SUPPORT": 0.47, "MIDDLE": 0.42, "TOP_LANE": 0.40}

RESULTS: Final = {Result.A_WIN: 0.407, Result.B_WIN: 0.496, Result.INVALID: 0.097}
LOBBY_NEVER_CREATED: Final = 0.01  # of all matches; these are part of the invalid ones
NEVER_REPORTS: Final = 0.018  # of seats

# In 85 of 355 valid matches somebody dissented: 102 times for "invalid", 56 times for the other side.
DISSENT_IN_VALID: Final = 85 / 355
DISSENTERS: Final = (102 + 56) / 85  # mean number, where there were any
DISSENT_FOR_INVALID: Final = 102 / (102 + 56)

# From the match to its first report: median and 95th percentile.
FIRST_REPORT: Final = {"valid": (1153, 1324), "invalid": (300, 465)}
# How long after the first report the others report: quantile -> seconds. The quantiles come from
# the medians of the seventh and the last of ten reports: the sixth of nine further ones lies at
# 0.606 in the middle, the last of nine at 0.926, its 95th percentile at 0.9943.
FURTHER_REPORTS: Final = {
    "valid": ((0.0, 1), (0.606, 48), (0.926, 187), (0.9943, 8730), (1.0, 44_400)),
    "invalid": ((0.0, 1), (0.606, 76), (0.926, 394), (0.9943, 5560), (1.0, 44_400)),
}
# From a player's own report to the player's next match; not drawn from, but what should come out.
REPORT_TO_NEXT_MATCH: Final = ((0.25, 74), (0.5, 147), (0.75, 352))


# --- assumed: what the aggregates leave open --------------------------------------------------------

LOBBY_AFTER: Final = ((0.0, 15), (0.5, 50), (1.0, 140))  # from the match to the lobby id
HOST_LATE: Final = 0.02  # of matches: the first host does nothing, and the server makes another the host
TAKES_OVER: Final = 15  # until that one has made the lobby
TIME_OUT: Final = 1800  # who may not queue because of a penalty tries again after this
CHANGES_MIND: Final = 0.02  # of joins: leaves the queue at once and joins again
TO_QUEUE_AGAIN: Final = ((0.0, 2), (0.5, 25), (0.75, 120), (0.95, 900), (1.0, 2400))  # from report to queue
PATIENCE: Final = 2400  # waits no longer than this in the queue, then calls it a night
LINK_LOST_PER_HOUR: Final = 0.25  # connections cut, per hour of presence
MATCHES_PER_HOUR: Final = 2.0  # nobody plans more than this for what is left of the evening
NAMES_A_PLAYER: Final = 0.01  # of reports: one other player is reported for misconduct
