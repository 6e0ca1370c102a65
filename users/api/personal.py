"""Exporting the caller's data, and deleting the account."""

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
    """All data kept about the caller. Other players appear in it only by public id."""

    def get_fields(self) -> dict[str, Any]:
        return {
            name: section.serializer(many=True) if section.many else section.serializer(allow_null=True)  # type: ignore[call-arg]
            for name, section in personal.SECTIONS.items()
        }


class Farewell(StrictSerializer):
    """Confirms the deletion."""

    trainer_name = TextField(max_length=50, help_text="The caller's own, as it is.")


class ExportView(APIView):
    """The export of the caller's data. Banned accounts may use it as well."""

    permission_classes = (IsAuthenticated,)
    throttle_scope = "export"  # it reads much

    @extend_schema(operation_id="users_me_export", responses=Export)
    def get(self, request: SignedInRequest) -> Response:
        """One JSON document."""
        return Response(personal.export(request.user), headers=personal.file_of(request.user.pk))


class AccountView(MeView):
    """The caller's own account, to look at and to delete."""

    def get_permissions(self) -> Any:
        """Banned accounts may be deleted as well."""
        return [IsAuthenticated()] if self.request.method == "DELETE" else super().get_permissions()

    @extend_schema(
        operation_id="users_me_delete",
        request=Farewell,
        responses={status.HTTP_204_NO_CONTENT: None, status.HTTP_409_CONFLICT: ErrorAnswer},
    )
    def delete(self, request: SignedInRequest) -> Response:
        """Delete everything that identifies the caller, for good; 409 while a match is open or can be reported.

        Finished matches stay, without the name. Tokens issued so far are no longer accepted. Signing in
        again makes a new account, which takes over a ban and penalties in force.
        """
        name = validated(Farewell, request)["trainer_name"]
        if clean(name) != clean(request.user.trainer_name):
            raise invalid("trainer_name", "This is not the name of the account.", "mismatch")
        services.account_delete(user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
