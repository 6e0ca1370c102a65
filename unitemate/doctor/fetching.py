"""HTTP to a server that is not trusted: answers are bounded in size and time, and redirects are not followed."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import httpx
from websockets.asyncio.client import connect

PATIENCE = 10.0
"""Seconds that any one answer may take."""
LARGEST = 1 << 20
"""Bytes of one answer, or of one frame."""

_PUBLIC_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)
_INNER = (".local", ".localhost", ".internal", ".lan", ".home", ".corp", ".arpa", ".test", ".example", ".invalid")
"""Ends of names that are not of the public DNS."""


class Bounded(httpx.AsyncHTTPTransport):
    """HTTP with answers limited in bytes and seconds. Compressed answers are refused: few bytes can unpack to many."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            httpx.ReadError: the answer is compressed. An answer that is too long or too slow raises when it is read.
        """
        request.headers["Accept-Encoding"] = "identity"
        answer = await super().handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)  # noqa: S101  (of an asynchronous client)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            await answer.stream.aclose()
            raise httpx.ReadError("the answer is compressed, unasked")
        answer.stream = _BoundedStream(answer.stream)
        return answer


class _BoundedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream
        self._until = time.monotonic() + PATIENCE

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST:
                raise httpx.ReadError("the answer does not end")
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the answer does not end")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def client(url: str = "", tls: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    """An HTTP client that follows no redirects and ignores proxies and settings of the environment.

    Args:
        url: the base of its addresses.
        tls: how certificates are checked.
    """
    return httpx.AsyncClient(
        base_url=url, transport=Bounded(verify=tls, trust_env=False), timeout=PATIENCE, trust_env=False
    )


class Straight(connect):
    """The `connect` of websockets without redirects, which it would otherwise follow to any host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Refuse each redirect."""
        return exc


async def public_json(host: str, path: str) -> Any:
    """Fetch JSON from a host of the public internet, by HTTPS.

    Args:
        host: an untrusted name; only its port 443 is used.
        path: on that host.

    Raises:
        NotPublic: the name is not in the public DNS, or has an address that is not public.
        httpx.HTTPError, ValueError: the answer cannot be fetched, or is not JSON.
    """
    if not _PUBLIC_NAME.fullmatch(host) or host.lower().endswith(_INNER):
        raise NotPublic
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError("the name has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not all(ip_address(address.partition("%")[0]).is_global for address in addresses):
        raise NotPublic
    # The address that was looked at is the one that is asked; the certificate is judged by the name.
    address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    async with client() as fetching:
        answer = await fetching.get(
            f"https://{address}{path}", headers={"Host": host}, extensions={"sni_hostname": host}
        )
        return answer.raise_for_status().json()


class NotPublic(Exception):
    """The name leads into a private network, or is not in the public DNS."""
