"""Matchmaking and ratings on simulated players, beside other ways of doing it on the same arrivals.

`python -m bench.matchmaking` measures matchmaking, `python -m bench.matchmaking.ratings` ratings.
"""
