"""Matches, reports and seasons in the admin. Pages are read-only; actions of staff call the services."""

from django.contrib import admin

from matches.admin.journal import RatingChangeAdmin
from matches.admin.matches import MatchAdmin
from matches.admin.merging import merge
from matches.admin.reports import ReportAdmin
from matches.admin.seasons import SeasonAdmin, SeasonRankAdmin
from matches.models import Match, RatingChange, Report, Season, SeasonRank
from users.admin.accounts import UserAdmin

admin.site.register(Match, MatchAdmin)
admin.site.register(Report, ReportAdmin)
admin.site.register(RatingChange, RatingChangeAdmin)
admin.site.register(Season, SeasonAdmin)
admin.site.register(SeasonRank, SeasonRankAdmin)
UserAdmin.actions = (*UserAdmin.actions, merge)
