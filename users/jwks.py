"""The identity provider's public keys: fetched seldom, and kept while the provider is down."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

import httpx
import jwt

logger = logging.getLogger(__name__)

FRESH_FOR = 600.0
"""Seconds for which a fetched set is used before it is fetched again, so that withdrawn keys go."""
RETRY_AFTER = 10.0
"""Seconds between fetches, however many unknown key ids callers bring."""
ASKED_FOR_LONG = 2 * FRESH_FOR
"""Seconds without a fetch after which even a known key is checked first, since it may have been withdrawn."""
TIMEOUT = 3.0
"""Seconds that a fetch may take."""
WAIT = 4.0
"""Seconds that a caller waits for a fetch."""
LARGEST = 256 * 1024
"""Largest key set in bytes; providers send a few thousand."""


class KeysUnavailable(Exception):
    """The provider does not answer, and the known keys do not settle the question."""


class KeysAwaited(KeysUnavailable):
    """The provider is being asked.

    Attributes:
        answered: done when it has answered or failed.
    """

    def __init__(self, answered: "Future[None]") -> None:
        super().__init__()
        self.answered = answered


class UnknownKey(Exception):
    """The provider has no such key."""


def _in_background(job: Callable[[], None]) -> None:
    threading.Thread(target=job, name="identity-keys", daemon=True).start()


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
    """The RSA signing keys of a key set, by id. Other keys are skipped.

    Raises:
        ValueError: this is no key set, or it has no usable key.
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
        and "d" not in entry  # a private key that is published proves nothing
    )


class KeySet:
    """The keys of one provider. Safe for many threads. A thread of its own fetches them, so callers seldom wait.

    Args:
        url: where the key set is published.
        fetch: reads it.
        clock: seconds, rising steadily.
        start: begins a job that takes a while.
    """

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], bytes] = fetch,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _in_background,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._start = start
        self._lock = threading.Lock()
        self._fetching: Future[None] | None = None
        self._keys: dict[str, jwt.PyJWK] = {}  # replaced as a whole, hence read without the lock
        self._fetched_at = self._tried_at = float("-inf")

    def key(self, key_id: str, *, wait: bool = True) -> jwt.PyJWK:
        """The key with this id.

        A known key is returned at once while a fetch runs in the background; only the caller that starts the
        fetch waits for it. For an unknown key every caller waits, and for any key after `ASKED_FOR_LONG`.

        Args:
            key_id: as the token names it.
            wait: whether to wait for the provider's answer, if that is needed.

        Raises:
            UnknownKey: the provider has no such key.
            KeysUnavailable: the provider does not answer.
            KeysAwaited: the provider is being asked, and `wait` is false.
        """
        since, is_known = self._clock() - self._tried_at, key_id in self._keys
        if not is_known or self._clock() - self._fetched_at >= FRESH_FOR:
            others_ask = self._fetching is not None
            fetching = self._refresh()
            must_wait = not is_known or since >= ASKED_FOR_LONG or (wait and not others_ask)
            if fetching is not None and must_wait and not fetching.done():
                if not wait:
                    raise KeysAwaited(fetching)
                futures.wait((fetching,), WAIT)
        key = self._keys.get(key_id)
        if key is not None:
            return key
        if self._fetching is not None or self._tried_at > self._fetched_at:
            raise KeysUnavailable
        raise UnknownKey

    def _refresh(self) -> "Future[None] | None":
        """A future for the running fetch, which this starts if there is none; None if one was tried just now."""
        with self._lock:
            if self._fetching is not None:
                return self._fetching
            if self._clock() - self._tried_at < RETRY_AFTER:
                return None
            fetching = self._fetching = Future()
            fetching.set_running_or_notify_cancel()  # so that a caller that gives up cannot cancel it for others
        try:
            self._start(self._fetch_anew)
        except RuntimeError:  # no thread can be had
            self._end_fetch()
        return fetching

    def _fetch_anew(self) -> None:
        keys = None
        try:
            keys = parse(self._fetch(self._url))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            logger.warning("the identity provider's keys cannot be fetched: %s", type(error).__name__)
        finally:
            self._end_fetch(keys)

    def _end_fetch(self, keys: dict[str, jwt.PyJWK] | None = None) -> None:
        with self._lock:
            self._tried_at = self._clock()
            if keys is not None:
                self._keys, self._fetched_at = keys, self._tried_at
            fetching, self._fetching = self._fetching, None
        if fetching is not None:
            fetching.set_result(None)


@lru_cache(maxsize=4)
def key_set(url: str) -> KeySet:
    """The process's key set of the provider at this address."""
    return KeySet(url)
