"""Who plays whom: waiting tickets in, proposed matches out.

Pure functions that know neither the database nor the clock. `propose` goes in steps:

1. *Who*: the oldest tickets that can fill two places per role together (`selection`).
2. *Which role*: everyone one of their own roles, as high in their order as possible (`roles`).
3. *Which team*: of the ways to part each pair, the one with the closest team ratings (`teams`).

Then the same again with those who are left.
"""

from matches.matchmaking.proposing import propose
from matches.matchmaking.tickets import Proposal, Quality, Ticket

__all__ = ["Proposal", "Quality", "Ticket", "propose"]
