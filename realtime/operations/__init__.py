"""How the service is doing, for staff: the stream `operations`.

A stream shows committed rows only. So the metrics that it shows are rows: a `Sample` is taken every five seconds while
the stream has members.

`views` says which metrics are in a sample, and what is computed of each; applications declare their own. `sampling`
takes a sample. `sampler` does that in each server process. `stream` publishes the samples.
"""
