"""How one match will go. Its id decides, so that its ten players agree without talking to each other."""

from dataclasses import dataclass
from random import Random

from matches.result import Result
from unitemate.simulation import chance, figures

SEATS = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What one player of a match will do.

    Attributes:
        after: when to report, in seconds from the match; None for never.
        result: what to report.
        accuses: whether to name another player for misconduct.
    """

    after: float | None
    result: str
    accuses: bool


@dataclass(frozen=True, slots=True)
class Script:
    """How a match will go.

    Attributes:
        result: the result of the game.
        lobby_id: the id of the lobby.
        lobby_after: when the host makes the lobby, in seconds from the match; None for never.
        host_acts: whether the first host makes it. If not, the next one does.
        parts: one for each seat, in the order of the players' ids.
    """

    result: str
    lobby_id: str
    lobby_after: float | None
    host_acts: bool
    parts: tuple[Part, ...]


def of(match_id: str, seed: int) -> Script:
    """The script of a match."""
    random = Random(f"{seed}:{match_id}")
    result = chance.choose(figures.RESULTS, random)
    kind = "invalid" if result == Result.INVALID else "valid"
    has_lobby = kind == "valid" or random.random() >= figures.LOBBY_NEVER_CREATED / figures.RESULTS[Result.INVALID]
    middle, late = figures.FIRST_REPORT[kind]
    first = max(200.0, random.gauss(middle, (late - middle) / 1.645))
    votes = _votes(result, random)
    punctual = random.randrange(SEATS)
    return Script(
        result=result,
        lobby_id=f"{random.randrange(10**8):08d}",
        lobby_after=chance.draw(figures.LOBBY_AFTER, random) if has_lobby else None,
        host_acts=random.random() >= figures.HOST_LATE,
        parts=tuple(
            Part(
                after=_after(
                    first, 0.0 if seat == punctual else chance.draw(figures.FURTHER_REPORTS[kind], random), random
                ),
                result=votes[seat],
                accuses=random.random() < figures.NAMES_A_PLAYER,
            )
            for seat in range(SEATS)
        ),
    )


def _after(first: float, further: float, random: Random) -> float | None:
    return None if random.random() < figures.NEVER_REPORTS else first + further


def _votes(result: str, random: Random) -> list[str]:
    """The ten votes. The number of dissenters is geometric, and at most four, so that the result stands."""
    votes = [result] * SEATS
    if result != Result.INVALID and random.random() < figures.DISSENT_IN_VALID:
        dissenters = 1
        while dissenters < 4 and random.random() < 1 - 1 / figures.DISSENTERS:
            dissenters += 1
        other = Result.B_WIN if result == Result.A_WIN else Result.A_WIN
        for seat in random.sample(range(SEATS), dissenters):
            votes[seat] = Result.INVALID if random.random() < figures.DISSENT_FOR_INVALID else other
    return votes
