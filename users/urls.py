"""Routes of accounts, under `/api/`. A player's records are routed by `matches`."""

from django.urls import path

from users.api import login, me, personal, public

urlpatterns = [
    path("auth/dev/login", login.DevLoginView.as_view(), name="auth-dev-login"),
    path("users/me", personal.AccountView.as_view(), name="users-me"),
    path("users/me/export", personal.ExportView.as_view(), name="users-me-export"),
    path("users/me/profile", me.ProfileView.as_view(), name="users-me-profile"),
    path("users/me/discord", me.DiscordView.as_view(), name="users-me-discord"),
    path("users/me/badges", me.OwnBadgesView.as_view(), name="users-me-badges"),
    path("users/me/badges/equip", me.EquipView.as_view(), name="users-me-badges-equip"),
    path("users/ranking", public.RankingView.as_view(), name="users-ranking"),  # before the ids
    path("users/<str:user_id>", public.UserView.as_view(), name="users-profile"),
    path("badges", public.BadgesView.as_view(), name="badges"),
]
