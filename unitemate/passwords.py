"""How passwords are hashed: few at once, and without holding a connection to the database meanwhile.

To hash one keeps a core busy for a good part of a second. Many who try passwords at once would take all cores, and
all of the pool's connections, from those who play.
"""

from threading import Semaphore

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connections

AT_ONCE = 2
"""Passwords that a process hashes at the same time."""

_turns = Semaphore(AT_ONCE)


class PasswordHasher(PBKDF2PasswordHasher):
    """Django's own, which waits for its turn."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()  # back to the pool; what comes next takes another
        with _turns:
            return super().encode(password, salt, iterations)
