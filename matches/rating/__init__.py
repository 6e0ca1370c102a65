"""What a result does to ratings: pure functions, results in, changes out."""

from matches.rating.elo import Standing, deltas

__all__ = ["Standing", "deltas"]
