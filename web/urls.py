from django.urls import path
from django.views.i18n import set_language

from web.views import api_page, page

urlpatterns = [
    path("", page, name="page"),
    path("api/docs/", api_page, name="api-docs"),
    path("language", set_language, name="language"),
]
