"""What is written down during an evening and after it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """The books of one evening. Times are in simulated seconds.

    Attributes:
        players: how many were to come.
        came: how many came.
        here: how many are connected now.
        waits: from joining the queue to the match, of each seat.
        between: from a player's report to the player's next match.
        noticed: of each match, who noticed it.
        unnoticed: players who heard of a match only when it was over, in words: the speed was too high
            for the machine.
        results: matches by what came out.
        unlike_script: matches that came out otherwise than their script says, since reports came too
            late for the time limits: the speed was too high for the machine.
        void: matches that came to nothing because no host made a lobby.
        outpaced: those of them whose hosts meant to make one in time: the speed was too high for the machine.
        penalties: times that a player had to wait for the end of a penalty.
        barred: players who went home because their points kept them from queueing.
        gave_up: times that a player left the queue unmatched.
        presence: time connected, of all players together.
        links_cut: connections lost on purpose.
        without_voice: matches that were given no voice channels.
        late: real seconds by which the simulation itself was behind its plan, at worst.
        faults: what went wrong with a player, in words.
        disagreements: mirrors that differ from REST, in words.
        compared: mirrors that were compared.
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
