"""The record of an evening and its audit."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """What happened in one evening, and what its audit found. Times are in simulated seconds.

    Attributes:
        players: the number of players expected.
        came: the number who came.
        here: the number connected now.
        waits: from joining the queue to the match, for each seat.
        between: from a player's report to the player's next match.
        noticed: the players who noticed each match.
        unnoticed: players who learned of a match only after its end, in words. The speed was too high for the machine.
        results: the number of matches with each result.
        unlike_script: matches with another result than their script says, because reports missed the time limits.
            The speed was too high for the machine.
        void: matches without a result because no host made a lobby.
        outpaced: void matches whose hosts meant to make one in time. The speed was too high for the machine.
        penalties: how often a player had to wait for the end of a penalty.
        barred: players who went home because their points kept them from queueing.
        gave_up: how often a player left the queue unmatched.
        presence: connected time of all players together.
        links_cut: connections cut on purpose.
        without_voice: matches that got no voice channels.
        late: the most real seconds by which the simulation was behind its plan.
        faults: errors of single players, in words.
        disagreements: mirrors that differ from REST, in words.
        compared: the number of mirrors compared.
        stuck: players and matches that are stuck, in words.
        voice_held: matches that still hold voice channels.
    """

    players: int
    came: int = 0
    here: int = 0
    waits: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    noticed: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unnoticed: list[str] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    unlike_script: int = 0
    void: set[str] = field(default_factory=set)
    outpaced: set[str] = field(default_factory=set)
    penalties: int = 0
    barred: int = 0
    gave_up: int = 0
    presence: float = 0.0
    links_cut: int = 0
    without_voice: set[str] = field(default_factory=set)
    late: float = 0.0
    faults: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    compared: int = 0
    stuck: list[str] = field(default_factory=list)
    voice_held: list[str] = field(default_factory=list)
