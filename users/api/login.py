"""The development login."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from users import services, tokens
from users.errors import NotFound
from users.strict import StrictSerializer, TextField, validated
from users.text import checked


class LoginInput(StrictSerializer):
    """The player to sign in as. The account is made if there is none."""

    name = TextField(min_length=1, max_length=50)


class Login(serializers.Serializer):
    """A development token and whose it is."""

    token = serializers.CharField()
    user_id = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class DevLoginView(APIView):
    """Signing in by name. It exists only while the service runs with `UNITEMATE_DEV_LOGIN=1`."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "login"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer 404 to every request while the login is off.

        Raises:
            NotFound: it is off.
        """
        if not settings.UNITEMATE_DEV_LOGIN:
            raise NotFound
        super().initial(request, *args, **kwargs)

    @extend_schema(operation_id="auth_dev_login", request=LoginInput, responses=Login)
    def post(self, request: Request) -> Response:
        """Sign in as the player of this name."""
        name = checked(validated(LoginInput, request)["name"], field="name", longest=50, blank=False)
        token, expires_in = tokens.issue_dev_token(name)
        user = services.user_from_claims(claims=tokens.verify(token))
        return Response(Login({"token": token, "user_id": user.pk, "expires_in": expires_in}).data)
