"""What is known of a player's strength before the first match (rating points)."""

START_RATE = 1500
"""What is shown of everyone, and how strong one is thought to be."""

START_DEVIATION = 250.0
"""How unsure that is (standard deviation)."""
