"""Counting what the service does, over all processes of the machine.

`instruments` declares metrics. `multiprocess` adds up what the processes of a machine count. `collecting` and `summary`
read the metrics for `/metrics` and the commands. Each application declares its metrics in its `metrics.py`, and
`docs/metrics.md` lists them. The value of a label is never a person or a match.
"""
