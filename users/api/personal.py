"""What is kept of the caller: to take along, and to have removed."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from users import personal, services
from users.api.me import MeView
from users.authentication import SignedInRequest
from users.errors import ErrorAnswer
from users.services.validation import invalid
from users.strict import StrictSerializer, TextField, validated
from users.text import clean


class Export(serializers.Serializer):
    """All that is kept of the caller. Others are in it by their public ids alone."""

    def get_fields(self) -> dict[str, Any]:
        """What each application hands out."""
        return {
            name: part.serializer(many=True) if part.many else part.serializer(allow_null=True)  # type: ignore[call-arg]
            for name, part in personal.PARTS.items()
        }


class Farewell(StrictSerializer):
    """Said by who means it."""

    trainer_name = TextField(max_length=50, help_text="The caller's own, as it is.")


class ExportView(APIView):
    """What is kept of the caller. Banned accounts have it as well."""

    permission_classes = (IsAuthenticated,)
    throttle_scope = "export"  # it reads much

    @extend_schema(operation_id="users_me_export", responses=Export)
    def get(self, request: SignedInRequest) -> Response:
        """One JSON document."""
        return Response(personal.export(request.user), headers=personal.file_of(request.user.pk))


class AccountView(MeView):
    """The caller's own account, to look at and to delete."""

    def get_permissions(self) -> Any:
        """Who is banned may go."""
        return [IsAuthenticated()] if self.request.method == "DELETE" else super().get_permissions()

    @extend_schema(
        operation_id="users_me_delete",
        request=Farewell,
        responses={status.HTTP_204_NO_CONTENT: None, status.HTTP_409_CONFLICT: ErrorAnswer},
    )
    def delete(self, request: SignedInRequest) -> Response:
        """Remove everything that says who the caller is, for good; 409 while a match is open or can be reported.

        Finished matches stay, without the name. No token issued so far is good for anything any more; signing in
        again makes a new account, to which a ban and standing points go over.
        """
        name = validated(Farewell, request)["trainer_name"]
        if clean(name) != clean(request.user.trainer_name):
            raise invalid("trainer_name", "This is not the name of the account.", "mismatch")
        services.account_delete(user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
