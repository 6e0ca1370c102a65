"""Counting what the service does, over all processes of the machine.

`declare` has the kinds of figures, `sharing` what the processes of a machine put together, and
`reading` what `/metrics` and the commands show of it. Each application declares its own figures in
its `metrics.py`; `docs/metrics.md` lists them. No figure is ever labelled by a person or a match.
"""
