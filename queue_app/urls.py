"""Where the queue is, under `/api/`."""

from django.urls import path

from queue_app import api

urlpatterns = [
    path("queue", api.QueueView.as_view()),
    path("queue/me", api.QueueMeView.as_view()),
    path("queue/join", api.JoinView.as_view()),
    path("queue/leave", api.LeaveView.as_view()),
]
