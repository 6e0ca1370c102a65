"""Views that clients without a socket poll. A poll counts as presence."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from realtime.socket.engine import has_polled
from users.models import User


class PolledView(APIView):
    """A view whose GET makes the caller present, as a connection does."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Note the caller's presence, once they are authenticated and permitted."""
        super().initial(request, *args, **kwargs)
        user = request.user
        if request.method == "GET" and isinstance(user, User) and not user.is_banned:
            has_polled(getattr(request._request, "scope", {}), user.pk)
