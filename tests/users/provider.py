"""An OpenID provider on this machine: real keys, a real key set over HTTP, and all the ways to misuse them."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

AUDIENCE = "https://api.unitemate.example"
NOW = 1_800_000_000.0


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(key: RSAPrivateKey, key_id: str, **fields: Any) -> dict[str, Any]:
    entry = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**entry, "kid": key_id, "use": "sig", "alg": "RS256", **fields}


def public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Provider:
    """Serves `keys` until it is taken down. `requests` counts what was asked of it."""

    def __init__(self, key: RSAPrivateKey, key_id: str = "first") -> None:
        self.key, self.key_id = key, key_id
        self.keys: list[Any] = [public_jwk(key, key_id)]
        self.body: bytes | None = None  # instead of the key set
        self.asked = threading.Event()  # set by each request
        self.delay = threading.Event()  # answers wait for it
        self.delay.set()
        self.requests = 0
        self._lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with provider._lock:
                    provider.requests += 1
                provider.asked.set()
                provider.delay.wait(10)
                found = self.path == "/.well-known/jwks.json"
                body = provider.body if provider.body is not None else json.dumps({"keys": provider.keys}).encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.domain = f"http://127.0.0.1:{self._server.server_port}"
        self.issuer = f"{self.domain}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def take_down(self) -> None:
        """Stop listening; may be called again."""
        self._server.shutdown()
        self._server.server_close()

    def rotate(self, key: RSAPrivateKey, key_id: str) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self.key, self.key_id = key, key_id
        self.keys = [public_jwk(key, key_id)]

    def payload(self, **claims: Any) -> dict[str, Any]:
        """What a valid token says; a claim given as None is left out."""
        payload = {
            "iss": self.issuer,
            "aud": [AUDIENCE, f"{self.issuer}userinfo"],
            "sub": "oauth2|discord|112233445566778899",
            "iat": NOW - 10,
            "exp": NOW + 3600,
            "name": "Mew",
            **claims,
        }
        return {name: value for name, value in payload.items() if value is not None}

    def token(self, *, key: Any = None, algorithm: str = "RS256", headers: Any = None, **claims: Any) -> str:
        """A token, signed by the provider unless another key is given."""
        return jwt.api_jws.encode(  # unlike `jwt.encode` it signs nonsense as well
            json.dumps(self.payload(**claims)).encode(),
            key if key is not None else self.key,
            algorithm,
            {"kid": self.key_id, **(headers or {})},
        )

    def current_token(self, **claims: Any) -> str:
        """A token that is valid by the real clock."""
        now = time.time()
        return self.token(**{"iat": now - 10, "exp": now + 3600, **claims})


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds
