"""An identity provider on this machine with the endpoints of Auth0's universal login, for a browser to use."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.users.provider import AUDIENCE, new_key, public_jwk

CLIENT_ID = "page"
PAGE = '<!doctype html><html lang="en"><title>Login</title><h1>Universal login</h1><a href="{}">Continue</a>'


class IdentityProvider:
    """Knows one person. Codes are good once and for their verifier alone; refresh tokens are good once.

    Attributes:
        lifetime: seconds for which access tokens are valid.
        rotates: whether refresh tokens are given.
        signed_in: whether the person's browser is known.
        refreshed: how many access tokens were given for refresh tokens.
        asked_silently: how often it was asked whether it knows the browser.
    """

    def __init__(self) -> None:
        self.key = new_key()
        self.lifetime = 3600
        self.rotates = True
        self.signed_in = False
        self.refreshed = 0
        self.asked_silently = 0
        self._codes: dict[str, tuple[str, str]] = {}
        self._refresh_tokens: set[str] = set()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                provider.get(self, url.path, {name: values[0] for name, values in parse_qs(url.query).items()})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.token(self, {name: values[0] for name, values in parse_qs(body).items()})

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.domain = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Know neither the browser nor any refresh token any more."""
        self.signed_in = False
        self._refresh_tokens.clear()

    def get(self, handler: BaseHTTPRequestHandler, path: str, query: dict[str, str]) -> None:
        if path == "/.well-known/jwks.json":
            _answer(handler, 200, json.dumps({"keys": [public_jwk(self.key, "only")]}))
        elif path == "/authorize":
            self._authorize(handler, query)
        elif path == "/continue":
            self.signed_in = True
            _redirect(handler, self._with_code(query))
        elif path == "/v2/logout":
            self.signed_in = False
            _redirect(handler, query["returnTo"])
        else:
            _answer(handler, 404, "")

    def _authorize(self, handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        assert (query["client_id"], query["audience"]) == (CLIENT_ID, AUDIENCE)
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        self.asked_silently += query.get("prompt") == "none"
        if self.signed_in:
            _redirect(handler, self._with_code(query))
        elif query.get("prompt") == "none":
            error = {"error": "login_required", "state": query["state"]}
            _redirect(handler, f"{query['redirect_uri']}?{urlencode(error)}")
        else:
            _answer(handler, 200, PAGE.format(f"/continue?{urlencode(query)}".replace("&", "&amp;")), "text/html")

    def _with_code(self, query: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self._codes[code] = (query["code_challenge"], query["redirect_uri"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, handler: BaseHTTPRequestHandler, body: dict[str, str]) -> None:
        if body["grant_type"] == "authorization_code":
            challenge, redirect_uri = self._codes.pop(body["code"], ("", ""))
            digest = hashlib.sha256(body["code_verifier"].encode()).digest()
            proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge
            granted = proven and redirect_uri == body["redirect_uri"]
        else:
            granted = body["refresh_token"] in self._refresh_tokens
            self._refresh_tokens.discard(body["refresh_token"])
            self.refreshed += granted
        if not granted:
            _answer(handler, 403, json.dumps({"error": "invalid_grant"}))
            return
        now = int(time.time())
        claims = {
            "iss": f"{self.domain}/",
            "aud": [AUDIENCE],
            "sub": "oauth2|discord|1",
            "iat": now,
            "exp": now + self.lifetime,
            "name": "Mew",
        }
        token = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "only"})
        answer: dict[str, Any] = {"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"}
        if self.rotates:
            answer["refresh_token"] = secrets.token_urlsafe(16)
            self._refresh_tokens.add(answer["refresh_token"])
        _answer(handler, 200, json.dumps(answer))


def _answer(handler: BaseHTTPRequestHandler, status: int, body: str, content_type: str = "application/json") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Access-Control-Allow-Origin", "*")
    handler.send_header("Content-Length", str(len(body.encode())))
    handler.end_headers()
    handler.wfile.write(body.encode())


def _redirect(handler: BaseHTTPRequestHandler, url: str) -> None:
    handler.send_response(302)
    handler.send_header("Location", url)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
