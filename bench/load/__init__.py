"""The service as it is deployed, under the load of an evening six times the size of the largest so far.

`python -m bench.load` (`make bench-load`) sets up what `docs/operations.md` describes, on loopback: nginx with
`deploy/nginx.conf`, two web workers, the matchmaker, PostgreSQL and Redis. 1,000 players play, and 9,000
further ones watch, for ten minutes.
"""
