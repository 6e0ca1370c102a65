"""`manage.py realtime_doctor`: tests each hop between a client and a push from outside, and names what fails.

`examination` runs the hops in order. `network`, `service`, `identity` and `sockets` each hold one group of hops.
`report` prints the findings. The doctor uses only what any client can reach. The state of the database, the channel
layer and the outbox comes from `/readyz`; the client's address as the server sees it comes from `/api/system`.
"""
