"""How the service is doing, for staff: the stream `operations`.

What a stream shows is a function of committed rows, so what is shown here is one: a `Sample`, taken
every five seconds while somebody looks, of the figures that all else is watched by.

`view` has which figures are in a sample and what becomes of each; applications declare theirs.
`sampling` takes one, `watching` sees in each server process that somebody looks, `stream` publishes.
"""
