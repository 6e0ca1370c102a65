"""The web client, whose one page shows what comes over the public API and the socket; and the API's own page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page, require_safe

from web.modules import imported
from web.words import catalogue


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The web client, in the caller's language."""
    language = get_language() or settings.LANGUAGE_CODE
    context = {
        "language": language,
        "release": settings.RELEASE,
        "languages": settings.LANGUAGES,
        "words": catalogue(language),
        "modules": imported("web/app.js"),
    }
    return render(request, "web/page.html", context)


@conditional_page
@cache_control(no_cache=True)
@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """The API to read: the OpenAPI document, drawn without anything from other servers."""
    return render(request, "web/api.html")
