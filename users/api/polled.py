"""What a client without a socket asks for again and again: to ask is to be there."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from realtime.socket.engine import has_polled
from users.models import User


class PolledView(APIView):
    """A view whose GET is a sign of life of the caller, as a connection is."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the caller has been let in; see `APIView.initial`."""
        super().initial(request, *args, **kwargs)
        user = request.user
        if request.method == "GET" and isinstance(user, User) and not user.is_banned:
            has_polled(getattr(request._request, "scope", {}), user.pk)
