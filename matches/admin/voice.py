"""A page that shows which open match has which pair of voice channels."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from matches.models import LAST_VOICE_CHANNEL, Match, Status


def voice_channels(page: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """All pairs with their matches, and the open matches without a pair.

    Args:
        page: the page of matches, whose permissions apply.
        request: the request.

    Raises:
        PermissionDenied: the user may not view matches.
    """
    if not page.has_view_permission(request):
        raise PermissionDenied
    opened = Match.objects.filter(status=Status.MATCHED).select_related("host")
    holders = {match.voice_channel: match for match in opened if match.voice_channel is not None}
    context = {
        **page.admin_site.each_context(request),
        "title": gettext("Voice channels"),
        "opts": page.opts,
        "pairs": [(number, number + 1, holders.get(number)) for number in range(1, LAST_VOICE_CHANNEL, 2)],
        "without": [match for match in opened if match.voice_channel is None],
    }
    return TemplateResponse(request, "matches/voice.html", context)
