"""Whom the players of a match accuse of misconduct. Pure: who named whom in, who is to be punished out."""

from collections.abc import Collection, Mapping

TEAM_MATES = 4
"""So many of a player's own team, which is all of them, are enough;"""
PLAYERS = 6
"""and so are so many of the match. Fewer could be a few who would not lose, or who do not get on."""


def accused(teams: Mapping[str, str], named: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Those who enough others have named.

    Args:
        teams: the team of each player of the match.
        named: whom each player has named; naming oneself or the same player again counts for nothing.

    Returns:
        How many named each of them.
    """
    found = {}
    for player, team in teams.items():
        accusers = {accuser for accuser, players in named.items() if player in players and accuser != player}
        team_mates = sum(teams.get(accuser) == team for accuser in accusers)
        if team_mates >= TEAM_MATES or len(accusers) >= PLAYERS:
            found[player] = len(accusers)
    return found
