"""Password hashing: few at a time, and without holding a database connection.

Hashing a password keeps a core busy for a good part of a second. Many attempts at once would take all cores,
and all connections of the pool, from the players.
"""

from threading import Semaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections

AT_ONCE = 2
"""Passwords that a process hashes at a time."""

_turns = Semaphore(AT_ONCE)


class PasswordHasher(PBKDF2PasswordHasher):
    """Django's default hasher, which waits for its turn."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()  # back to the pool; the next query takes another
        with _turns:
            return super().encode(password, salt, iterations)
