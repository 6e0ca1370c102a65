"""Players made of figures, over the public REST and socket API only: an evening of them, and demo bots.

`figures` holds what is known of real evenings, `chance` draws from it, `script` says how one match
will go, `player` does what a player's client can do, `evening` and `bots` are two ways of life of
players, `audit` checks afterwards that every mirror is true and nobody is stuck, `report` prints.
"""
