"""The addresses of the project, and that of the toy."""

from django.urls import path

from tests.toy.api import TournamentView
from unitemate.urls import handler404 as handler404
from unitemate.urls import urlpatterns as of_the_project

urlpatterns = [path("api/tournaments/<str:tournament_id>", TournamentView.as_view()), *of_the_project]
