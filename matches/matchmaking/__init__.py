"""Who plays whom: waiting tickets in, proposed matches out.

Pure functions that know neither the database nor the clock. `propose` goes in steps:

1. *Pool*: the ticket that has waited longest, and who suits it best (`pool`).
2. *Search*: of all matches in that pool, roles and teams included, the best one (`search`), by
   what its players would mind and how long they have waited (`scoring`).
3. *Bar*: it is made if it is good enough; how good that is falls with the wait (`scoring`).
   Past a hard limit any match will do that keeps to named roles and blocks (`selection`).

Then the same again with those who are left.
"""

from matches.matchmaking.proposing import propose
from matches.matchmaking.tickets import Proposal, Quality, Ticket

__all__ = ["Proposal", "Quality", "Ticket", "propose"]
