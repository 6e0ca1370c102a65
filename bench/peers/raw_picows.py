"""One write a frame from a WebSocket server written in Cython: about the limit of one core and one thread."""

import asyncio
import json
import sys

import uvloop
from picows import WSListener, WSMsgType, WSTransport, ws_create_server

from bench.peers.orders import message, take_orders

sockets: set[WSTransport] = set()


class Socket(WSListener):
    """One client."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        sockets.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        sockets.discard(transport)


async def push(order: dict) -> bool:
    for number in range(order["first"], order["first"] + order["count"]):
        text = json.dumps(message(number), separators=(",", ":")).encode()
        for transport in sockets:
            transport.send(WSMsgType.TEXT, text)
        await asyncio.sleep(order["pause"])
    return True


async def main() -> None:
    await take_orders(int(sys.argv[2]), push)
    server = await ws_create_server(lambda request: Socket(), "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


uvloop.run(main())
