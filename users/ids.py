"""Opaque public ids: what others see of a user or a match instead of anything personal or countable."""

import secrets

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no 0/o, 1/l to mistake for each other
LENGTH = 16  # 32^16 = 2^80: not to be guessed, and no two alike in practice


def new_public_id() -> str:
    """A fresh random id: 16 lower-case letters and digits, safe in URLs and channel-layer group names."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def is_public_id(value: object) -> bool:
    """Whether the value has the form of a public id; anything else need not be looked for in the database."""
    return isinstance(value, str) and len(value) == LENGTH and all(letter in _ALPHABET for letter in value)
