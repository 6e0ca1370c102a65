from django.urls import path
from django.views.i18n import set_language

from web.views import page

urlpatterns = [
    path("", page, name="page"),
    path("language", set_language, name="language"),
]
