"""Every write to matches and seasons, by subject.

Locks are taken in one order: the match, then accounts in the order of their ids. Forming a match locks only
the accounts, since nobody else knows of the match yet.
"""

from matches.services.advancing import matches_advance
from matches.services.attendance import attendance_note, match_seen
from matches.services.closing import match_close, match_decide
from matches.services.correcting import match_correct_result
from matches.services.formation import match_create, matchmaking_round
from matches.services.lobby import match_hand_host, match_pass_host, match_set_lobby
from matches.services.merging import users_merge
from matches.services.missing import match_mark_missing
from matches.services.planning import season_delete
from matches.services.reporting import match_report
from matches.services.retention import violations_forget
from matches.services.seasons import season_close, season_open, seasons_advance
from matches.services.staffing import match_assign_host, match_assign_lobby, match_replace_player, match_void

__all__ = [
    "attendance_note",
    "match_assign_host",
    "match_assign_lobby",
    "match_close",
    "match_correct_result",
    "match_create",
    "match_decide",
    "match_hand_host",
    "match_mark_missing",
    "match_pass_host",
    "match_replace_player",
    "match_report",
    "match_seen",
    "match_set_lobby",
    "match_void",
    "matches_advance",
    "matchmaking_round",
    "season_close",
    "season_delete",
    "season_open",
    "seasons_advance",
    "users_merge",
    "violations_forget",
]
