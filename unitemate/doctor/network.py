"""The hops below HTTP: the name, the connection, the certificate."""

import asyncio
import socket
import ssl
import time
from contextlib import suppress

from unitemate.doctor.cases import Case, Fault, Skip
from unitemate.doctor.fetching import PATIENCE

EXPIRES_SOON = 7.0
"""Days of a certificate's life below which its renewal has most likely failed."""


async def resolve(case: Case) -> str:
    """The name has an address.

    Raises:
        Fault: it has none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(case.host, case.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Fault(
            f"{case.host}: {error.strerror or error}",
            "The name is misspelt, or has no A or AAAA record, or this machine's resolver does not answer.",
            f"Look the name up (getent hosts {case.host}) and set its record at your DNS provider.",
        ) from error
    return ", ".join(sorted({str(address[4][0]) for address in found}))


async def connect(case: Case) -> str:
    """A server listens at the address.

    Raises:
        Fault: nothing accepts the connection.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(case.host, case.port)
    except TimeoutError as error:
        raise Fault(
            f"no answer from port {case.port} within {PATIENCE:.0f} s",
            "A firewall drops the packets, or the machine is off.",
            f"Open TCP port {case.port} to the public, at the provider as well as on the machine.",
        ) from error
    except OSError as error:
        raise Fault(
            f"port {case.port}: {error.strerror or error}",
            "Nothing listens there: nginx (or, without a proxy, the server) does not run.",
            "systemctl status nginx unitemate-web@8001; nginx -t says what its configuration lacks.",
        ) from error
    peer = writer.get_extra_info("peername")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return f"{peer[0]} port {peer[1]}"


async def certificate(case: Case) -> str:
    """The certificate is valid for this name, and does not end soon.

    Raises:
        Fault: it is not valid, or ends soon.
        Skip: the site is reached over plain HTTP.
    """
    if not case.is_secure:
        raise Skip("the site is asked over plain HTTP")
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(case.host, case.port, ssl=case.tls)
    except ssl.SSLCertVerificationError as error:
        raise Fault(
            error.verify_message,
            "The certificate is for another name, has expired, or comes from an authority that is not known here.",
            "certbot renew, then systemctl reload nginx. For an authority of your own: --ca FILE.",
        ) from error
    except (OSError, TimeoutError) as error:
        raise Fault(
            f"no TLS: {getattr(error, 'reason', None) or error}",
            "The port speaks plain HTTP, or nginx has no server block for this name.",
            "Compare listen and server_name in nginx.conf with the URL.",
        ) from error
    link = writer.get_extra_info("ssl_object")
    writer.close()
    with suppress(OSError, ssl.SSLError):
        await writer.wait_closed()
    days = (ssl.cert_time_to_seconds(link.getpeercert()["notAfter"]) - time.time()) / 86_400
    if days < EXPIRES_SOON:
        raise Fault(
            f"the certificate ends in {days:.1f} days",
            "Its renewal does not run, or fails.",
            "certbot renew --dry-run says why; systemctl list-timers certbot.timer whether it runs.",
        )
    return f"{link.version()}, the certificate lasts {days:.0f} days"
