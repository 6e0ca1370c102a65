"""The content security policy: scripts, styles and connections of our own only, nothing inline.

Player-chosen text is never markup (the page inserts it as text), and this is the second lock. The
one other server that the page may speak to is the identity provider, where one is set up.
"""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from users.tokens import provider_url


def policy(socket: str = "") -> str:
    """The policy under the present settings.

    Args:
        socket: the origin of the page's socket, `wss://host`. Older browsers do not count it to `'self'`.
    """
    sources = " ".join(filter(None, ("'self'", socket, (provider_url() or "").rstrip("/"))))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src {sources}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


class ContentSecurityPolicyMiddleware:
    """Adds the policy to every response that has none; a view with other needs sets the header itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(_socket(request)))
        return response


def _socket(request: HttpRequest) -> str:
    try:
        return f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    except DisallowedHost:
        return ""
