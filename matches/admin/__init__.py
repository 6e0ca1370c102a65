"""Matches, reports and seasons for staff. What players do is looked at; what staff do goes through the services."""

from matches.admin import journal, matches, merging, reports, seasons  # noqa: F401  (register their pages)
