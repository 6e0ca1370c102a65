"""Addresses of matches, records and seasons, under `/api/`."""

from django.urls import path

from matches import api, records_api, seasons_api, staff_api

urlpatterns = [
    path("matches/current", api.CurrentMatchView.as_view()),
    path("matches/<str:match_id>", api.MatchView.as_view()),
    path("matches/<str:match_id>/lobby", api.LobbyView.as_view()),
    path("matches/<str:match_id>/host", api.HostView.as_view()),
    path("matches/<str:match_id>/missing", api.MissingView.as_view()),
    path("matches/<str:match_id>/report", api.ReportView.as_view()),
    path("matches/<str:match_id>/void", staff_api.VoidView.as_view()),
    path("users/me/records", records_api.OwnRecordsView.as_view()),
    path("users/<str:user_id>/records", records_api.RecordsView.as_view()),
    path("users/<str:user_id>/rating-curve", records_api.RatingCurveView.as_view()),
    path("seasons", seasons_api.SeasonsView.as_view()),
    path("seasons/active", seasons_api.ActiveSeasonView.as_view()),
    path("seasons/<int:season_id>/ranks", seasons_api.SeasonRanksView.as_view()),
]
