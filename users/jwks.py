"""The identity provider's public keys: fetched seldom, kept while the provider is down."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import httpx
import jwt

logger = logging.getLogger(__name__)

FRESH_FOR = 600.0
"""Seconds for which a fetched set is used without asking again, so that a withdrawn key goes."""
RETRY_AFTER = 10.0
"""Seconds between fetches, whoever asks and however many unknown key ids they bring."""
TIMEOUT = 3.0
"""Seconds that a fetch may take."""
LARGEST = 256 * 1024
"""Bytes of a key set; providers send a few thousand."""


class KeysUnavailable(Exception):
    """The provider cannot be asked, and what is known does not answer the question."""


class UnknownKey(Exception):
    """The provider has no such key."""


def fetch(url: str) -> bytes:
    """Read a key set.

    Raises:
        httpx.HTTPError: the provider does not answer, in time or at all, or not with a key set.
    """
    deadline = time.monotonic() + TIMEOUT
    body = b""
    with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=False) as response:
        response.raise_for_status()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST or time.monotonic() > deadline:
                raise httpx.ReadError("the key set is too large or too slow")
    return body


def parse(body: bytes) -> dict[str, jwt.PyJWK]:
    """The RSA signing keys of a key set by their id; keys of other kinds are passed over.

    Raises:
        ValueError: this is no key set, or none with a key to use.
    """
    document = json.loads(body)
    if not isinstance(document, Mapping) or not isinstance(document.get("keys"), list):
        raise ValueError("not a key set")
    keys = {}
    for entry in document["keys"]:
        if _is_signing_key(entry):
            try:
                keys[entry["kid"]] = jwt.PyJWK(entry, algorithm="RS256")
            except (jwt.PyJWTError, ValueError):
                logger.warning("a malformed key of the identity provider is passed over")
    if not keys:
        raise ValueError("no signing key in the set")
    return keys


def _is_signing_key(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "RS256") == "RS256"
        and isinstance(entry.get("kid"), str)
        and "d" not in entry  # a private key on a public page is nobody's key any more
    )


class KeySet:
    """The keys of one provider. Safe to use from many threads.

    Args:
        url: where the key set is published.
        fetch: reads it.
        clock: seconds, rising steadily.
    """

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], bytes] = fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}  # replaced as a whole, hence read without the lock
        self._fetched_at = self._tried_at = float("-inf")

    def key(self, key_id: str) -> jwt.PyJWK:
        """The key with this id.

        Raises:
            UnknownKey: the provider has none.
            KeysUnavailable: that cannot be told, since the provider does not answer.
        """
        key = self._keys.get(key_id)
        if key is not None:
            # An old key serves while one thread asks for news, or nobody answers.
            if self._clock() - self._fetched_at >= FRESH_FOR and self._lock.acquire(blocking=False):
                try:
                    self._refresh()
                finally:
                    self._lock.release()
                return self._keys.get(key_id) or self._missing(key_id)
            return key
        with self._lock:
            if key_id not in self._keys:
                self._refresh()
            return self._keys.get(key_id) or self._missing(key_id)

    def _missing(self, key_id: str) -> jwt.PyJWK:
        if self._tried_at > self._fetched_at:
            raise KeysUnavailable
        raise UnknownKey

    def _refresh(self) -> None:
        """Fetch, unless that was tried just now; the lock is held."""
        if self._clock() - self._tried_at < RETRY_AFTER:
            return
        try:
            keys = parse(self._fetch(self._url))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            logger.warning("the identity provider's keys cannot be fetched: %s", type(error).__name__)
            self._tried_at = self._clock()
            return
        self._keys = keys
        self._fetched_at = self._tried_at = self._clock()


@lru_cache(maxsize=4)
def key_set(url: str) -> KeySet:
    """The process's key set of the provider at this address."""
    return KeySet(url)
