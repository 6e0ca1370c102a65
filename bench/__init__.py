"""Figures, each beside a peer's where there is one, in the same run; `make bench` makes them all.

The server has one core and the load client another. A figure that compares is taken in rounds,
every server in each round, and the median of the rounds counts: what else goes on on the machine
then weighs on all alike.
"""
