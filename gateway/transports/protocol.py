"""uvicorn's WebSocket protocol, with what a live call needs on top of it.

The application finds `CallConnection` in its scope, under `CONNECTION`.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

CONNECTION: Final = "gateway.connection"
"""The key in the scope's extensions."""
CLOSE_TIMEOUT_S: Final = 5.0
"""How long a peer may take to answer a close frame; afterwards the connection is dropped."""


class CallConnection(Protocol):
    """What a call may ask of its connection."""

    def bound_output(self, size: int) -> None:
        """Keep at most about `size` bytes in each of the two buffers below: this process's and the kernel's."""
        ...

    def stop_waiting(self) -> None:
        """Let the last messages and the close frame be sent to a peer that does not read."""
        ...


class CallProtocol(WebSocketsSansIOProtocol):
    """One WebSocket connection."""

    close_timeout: float

    def bound_output(self, size: int) -> None:
        """See `CallConnection`."""
        self.transport.set_write_buffer_limits(high=size)
        plain = self.transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)

    def stop_waiting(self) -> None:
        """See `CallConnection`."""
        self.writable.set()

    def handle_connect(self, event: Request) -> None:
        """Offer `CallConnection` to the application."""
        self.close_timeout = CLOSE_TIMEOUT_S
        super().handle_connect(event)
        if not self.close_sent:
            extensions = self.scope["extensions"]
            assert extensions is not None
            extensions[CONNECTION] = self  # type: ignore[assignment]

    def send_receive_event_to_app(self) -> None:
        """Text that is not UTF-8 reaches the application, with U+FFFD in it, which refuses it like any wrong text.

        Otherwise it would be the end of the connection, and what came before it would be lost.
        """
        if self.curr_msg_data_type == "text":
            self.frames = [b"".join(self.frames).decode(errors="replace").encode()]
        super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        """A pong cannot be seen while reading is paused: then its absence means nothing."""
        if self.read_paused and self.ping_interval:
            self.pong_timer = None
            self.pending_ping_payload = None
            self.schedule_ping()
        else:
            super().keepalive_timeout()
            # Nobody is there to answer the close frame, or to read what waits before it.
            self.disconnected = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.transport.abort()

    async def send(self, message: ASGISendEvent) -> None:
        """A close frame does not wait for a peer that does not read, and neither does the end of the connection."""
        if message["type"] == "websocket.close":
            self.stop_waiting()
        await super().send(message)
        if message["type"] == "websocket.close":
            self.loop.call_later(CLOSE_TIMEOUT_S + 1.0, self.transport.abort)
        elif message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True
