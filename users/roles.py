"""The five places of a team, under the names that every client uses."""

TOP_LANE = "TOP_LANE"
MIDDLE = "MIDDLE"
BOTTOM_LANE = "BOTTOM_LANE"
SUPPORT = "SUPPORT"
TANK = "TANK"

ROLES = (TOP_LANE, MIDDLE, BOTTOM_LANE, SUPPORT, TANK)
