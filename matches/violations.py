"""Who is penalised for misconduct. Pure: who reported whom in, whom enough players reported out."""

from collections.abc import Collection, Mapping

TEAM_MATES = 4
"""Reports by team mates that suffice: all four of them."""

PLAYERS = 6
"""Reports by players of either team that suffice. Fewer could come from sore losers or from a few friends."""


def violators(teams: Mapping[str, str], named: Mapping[str, Collection[str]]) -> dict[str, int]:
    """The players whom enough others have reported for misconduct.

    Args:
        teams: the team of each player of the match.
        named: whom each player has reported. Reporting oneself, or the same player twice, counts for nothing.

    Returns:
        {player: how many others reported them}.
    """
    found = {}
    for player, team in teams.items():
        reporters = {reporter for reporter, players in named.items() if player in players and reporter != player}
        team_mates = sum(teams.get(reporter) == team for reporter in reporters)
        if team_mates >= TEAM_MATES or len(reporters) >= PLAYERS:
            found[player] = len(reporters)
    return found
