"""Who plays whom: waiting tickets in, proposed matches out.

Pure functions that know neither the database nor the clock. `propose` repeats three steps until nobody is left:

1. *Pool* (`pool`): take the ticket that has waited longest, the anchor, and the tickets that suit it best.
2. *Search* (`search`): find the best match in that pool, roles and teams included. `scoring` says what is
   best: it weighs what the players would mind against how long they have waited.
3. *Threshold* (`scoring`): propose the match if its cost is low enough. The longer the anchor has waited, the
   higher a cost is accepted. Past a hard limit any match will do that keeps to named roles and blocks
   (`selection`).
"""

from matches.matchmaking.proposing import propose
from matches.matchmaking.tickets import Proposal, Quality, Ticket

__all__ = ["Proposal", "Quality", "Ticket", "propose"]
