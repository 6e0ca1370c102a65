"""The five places of a team, under the names that every client uses."""

TOP_LANE = "TOP_LANE"
MIDDLE = "MIDDLE"
BOTTOM_LANE = "BOTTOM_LANE"
SUPPORT = "SUPPORT"
TANK = "TANK"

ROLES = (TOP_LANE, MIDDLE, BOTTOM_LANE, SUPPORT, TANK)

PLACES_PER_ROLE = 2
"""In a match: one in each team."""


def label(role: str) -> str:
    """A role as the catalogue of the admin's words has it, such as `Top Lane`."""
    return role.replace("_", " ").title()
