"""`/metrics`: the metrics of this machine in Prometheus' format."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from realtime.telemetry.collecting import exposition

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
"""Headers that a proxy adds. A request through a proxy does not count as from this machine."""


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer requests with `METRICS_TOKEN`; if none is set, requests from this machine."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            refusal = HttpResponse("A token is needed.\n", status=401, content_type="text/plain")
            refusal.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
            return refusal
    elif not _is_local(request):
        return HttpResponse("Ask from the machine itself.\n", status=403, content_type="text/plain")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given, wanted = token.strip().encode(), settings.METRICS_TOKEN.encode()
    return scheme.lower() == "bearer" and hmac.compare_digest(given, wanted)


def _is_local(request: HttpRequest) -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
