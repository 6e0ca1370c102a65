"""`manage.py realtime_doctor`: each hop between a client and a push, examined from outside, and what fails named.

`examination` goes through the hops in order; `network`, `service`, `identity` and `socket` know one
family of hops each; `report` shows what was found. It uses nothing but what any client can reach. What
only the server can know (its database, its channel layer, its outbox) it reads from `/readyz`, and
whom the server takes it for from `/api/system`.
"""
