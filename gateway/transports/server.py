"""The listener: uvicorn with the WebSocket protocol of calls, and an end that lets calls finish."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from gateway.errors import OptionError
from gateway.observe.log import get_logger
from gateway.transports.calls import Calls
from gateway.transports.protocol import CallProtocol

HARD_MESSAGE_LIMIT: Final = 16 << 20
"""A message above this is not even read: the connection closes at once. The protocol's own limit is lower."""
PING_S: Final = 20.0
"""How often a peer is asked whether it is there, and how long it may take to answer."""
FORCED_END_S: Final = 5
"""What calls that outlived the drain may take to end once they were told."""
_POLL_S: Final = 0.1


def bind(host: str, port: int) -> socket.socket:
    """A socket at that address, not yet listening. Raises OptionError, with what to do, when it is not to be had."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
        return listener
    except socket.gaierror:
        raise OptionError(f"--host: {host} is not an address of this machine") from None
    except OSError as error:
        hint = (
            "something else listens there; choose another --port" if error.errno == errno.EADDRINUSE else error.strerror
        )
        raise OptionError(f"cannot listen on {host} port {port}: {hint}") from None


def check_certificate(cert: Path, key: Path) -> None:
    """Raises OptionError when the files cannot be read or do not fit."""
    for option, file in (("--tls-cert", cert), ("--tls-key", key)):
        try:
            file.open("rb").close()
        except OSError as error:
            raise OptionError(f"{option}: {file} cannot be read: {error.strerror}") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=_no_password)
    except (ssl.SSLError, OSError, ValueError):
        raise OptionError(
            f"--tls-cert, --tls-key: {cert} and {key} are not a certificate and its key in PEM form, without a password"
        ) from None


def _no_password() -> str:
    raise ValueError("a key with a password")


class Server(uvicorn.Server):
    """Serves until SIGTERM or SIGINT; then takes no new calls and lets those in progress end, for `drain_s`."""

    def __init__(
        self,
        app: ASGIApp,
        calls: Calls,
        drain_s: float,
        cert: Path | None = None,
        key: Path | None = None,
        on_listening: Callable[[], None] = lambda: None,
    ) -> None:
        config = uvicorn.Config(
            app,
            ws=CallProtocol,
            ws_max_size=HARD_MESSAGE_LIMIT,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PING_S,
            ws_per_message_deflate=False,  # audio does not get smaller, it only costs
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FORCED_END_S,
            ssl_certfile=cert,
            ssl_keyfile=key,
        )
        super().__init__(config)
        self._calls = calls
        self._drain_s = drain_s
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """New calls are refused while those in progress go on; a second Ctrl-C ends them at once."""
        self._calls.draining = True
        get_logger().info("draining", calls=self._calls.active, limit_s=self._drain_s)
        until = time.monotonic() + self._drain_s
        while self._calls.active and not self.force_exit and time.monotonic() < until:
            try:
                async with asyncio.timeout(_POLL_S):
                    await self._calls.wait_empty()
            except TimeoutError:
                continue
        await super().shutdown(sockets)
