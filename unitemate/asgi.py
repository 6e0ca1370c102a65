"""The ASGI application: HTTP by Django, `/ws/` by the realtime consumer, and the process's lifespan."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unitemate.settings")
django_application = get_asgi_application()  # sets Django up; what uses models is imported after it

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from realtime.socket.consumer import RealtimeConsumer  # noqa: E402
from realtime.socket.engine import Engine  # noqa: E402
from unitemate.rest.bodies import BoundedBodies  # noqa: E402

Message = MutableMapping[str, Any]


async def lifespan(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]) -> None:
    """Start the realtime engine with the server and stop it with the server (ASGI lifespan)."""
    engine = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            engine = scope["state"]["realtime"] = Engine()
            await engine.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            if engine is not None:
                await engine.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def no_such_socket(scope: Message, receive: Any, send: Callable[[Message], Any]) -> None:
    """Refuse sockets at other addresses, before they are accepted."""
    await send({"type": "websocket.close"})


application = ProtocolTypeRouter(
    {
        "http": BoundedBodies(django_application),
        "websocket": URLRouter([path("ws/", RealtimeConsumer.as_asgi()), re_path("", no_such_socket)]),  # type: ignore[arg-type]
        "lifespan": lifespan,
    }
)
