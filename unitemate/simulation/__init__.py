"""Simulated players: a whole evening of them, and demo bots. They use only the public REST and socket API.

`figures` describes a real evening. `chance` draws from it. `script` decides how a match goes. `player` is a
player's client. `evening` and `bots` each run players. `audit` then checks that every mirror equals the server's state
and that nobody is stuck. `report` prints the results.
"""
