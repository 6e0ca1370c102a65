"""A real nginx with the project's own configuration, on ports of its own."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import zip_longest
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.backend import free_port
from tests.missing import untested
from tests.test_layout import ROOT

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
NAME = "localhost"
"""Instead of `play.example.com`."""
IPV6 = Path("/proc/net/if_inet6").exists()
"""Whether the machine has it: nginx does not start where it is to listen on what there is not."""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx() -> str:
    """The path of nginx. Without one on the machine the test is skipped, or fails where CI=true."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        untested("NO NGINX: install it (Debian: nginx-light); deploy/nginx.conf is NOT tested")
    return found


class Nginx:
    """A running nginx.

    Attributes:
        port, plain_port: of HTTPS and HTTP, on loopback.
        url: `https://localhost:<port>`.
        certificate: a file; clients trust it.
        folder: with `access.log` and `error.log`.
    """

    def __init__(
        self, folder: Path, static: Path, workers: Sequence[int | str], configuration: str = "", **replaced: str
    ) -> None:
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://{NAME}:{self.port}"
        self.certificate = folder / "fullchain.pem"
        write_certificate(self.certificate, folder / "privkey.pem")
        temporary = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in TEMPORARY)
        addresses = [f"127.0.0.1:{one}" if isinstance(one, int) else f"unix:{one}" for one in workers]
        changes = {
            "user www-data;": "" if os.geteuid() else "user root;",
            "worker_processes auto;": "worker_processes 1;",
            "/run/nginx.pid": f"{folder}/nginx.pid",
            "worker_rlimit_nofile 131072;": "worker_rlimit_nofile 1024;",
            "worker_connections 65536;": "worker_connections 512;",
            "http {\n": f"http {{\n{temporary}",
            "/var/log/nginx": str(folder),
            "/etc/letsencrypt/live/play.example.com": str(folder),
            "play.example.com": NAME,
            "/srv/unitemate/current/staticfiles": str(static),
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "listen [::]:80": f"listen [::1]:{self.plain_port}" if IPV6 else f"# no IPv6: {self.plain_port}",
            "listen [::]:443": f"listen [::1]:{self.port}" if IPV6 else f"# no IPv6: {self.port}",
        } | replaced
        text = configuration or CONFIGURATION.read_text()
        places = re.findall(r"^        server [^{\s]+", text, re.MULTILINE)
        for place, address in zip_longest(places, addresses):
            text = text.replace(place, f"        server {address}" if address else "        # none:", 1)
        for old, new in changes.items():
            assert old in text, f"deploy/nginx.conf has no more: {old}"
            text = text.replace(old, new)
        (folder / "nginx.conf").write_text(text)
        self._command = [nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]
        self._process = subprocess.Popen([*self._command, "-g", "daemon off;"], stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 15
        while not (folder / "nginx.pid").exists():
            assert self._process.poll() is None, self._process.stderr.read()
            assert time.monotonic() < deadline, "nginx did not start"
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """Of the process that started the workers."""
        return self._process.pid

    def logged(self) -> str:
        """Everything in its logs so far."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def stop(self) -> None:
        """Stop it at once."""
        self._process.terminate()
        self._process.wait(10)
        self._process.stderr.close()


@contextmanager
def running(
    folder: Path,
    workers: Sequence[int | str],
    static: Path = ROOT / "web" / "static",
    configuration: str = "",
    **replaced: str,
) -> Iterator[Nginx]:
    """Run nginx before workers for the time of the block.

    Args:
        folder: an empty one.
        workers: their Unix sockets, or ports.
        static: what is served under `/static/`.
        configuration: its text; that of one machine by default.
        **replaced: further text of the configuration to replace, and by what.
    """
    running = Nginx(folder, static, workers, configuration, **replaced)
    try:
        yield running
    finally:
        running.stop()


def write_certificate(certificate: Path, key: Path, *, name: str = NAME, lasts: timedelta = timedelta(days=60)) -> None:
    """Write a self-signed certificate for a name and 127.0.0.1, and its key."""
    private, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + lasts)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
