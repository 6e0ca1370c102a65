"""The URL configuration."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from unitemate.admin_signin import SignInForm
from unitemate.rest.documents import SchemaView
from unitemate.rest.operations import OperationsView
from unitemate.rest.system import SystemView
from unitemate.serving import health
from unitemate.telemetry.exposition import metrics

admin.site.login_form = SignInForm

api: list[URLPattern | URLResolver] = [
    path("", include("users.urls")),
    path("", include("queue_app.urls")),
    path("", include("matches.urls")),
    path("system", SystemView.as_view()),
    path("operations", OperationsView.as_view()),
    path("schema/", SchemaView.as_view(), name="schema"),
]

urlpatterns = [
    path("api/", include(api)),
    path("admin/", admin.site.urls),
    path("livez", health.live),
    path("readyz", health.ready),
    path("metrics", metrics),
    path("", include("web.urls")),
]

handler404 = "unitemate.rest.errors.not_found"
