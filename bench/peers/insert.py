"""What a join is measured beside: the service's own addresses, and an empty DRF view with one insert."""

import secrets

from django.contrib.sessions.models import Session
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from unitemate import urls


class Insert(APIView):
    """Inserts a row into a table that nothing looks at, for whoever asks."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def post(self, request: Request) -> Response:
        Session.objects.create(session_key=secrets.token_hex(16), session_data="", expire_date=timezone.now())
        return Response({}, status=201)


urlpatterns = [path("bench/insert", Insert.as_view()), *urls.urlpatterns]
