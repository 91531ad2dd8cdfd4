"""A gateway in a process of its own, for as long as a command needs it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway.errors import EngineError, OptionError
from gateway.transports.server import bind

START_TIMEOUT_S: Final = 180.0
STOP_TIMEOUT_S: Final = 15.0
_POLL_S: Final = 0.1


@contextmanager
def running_server(log_dir: Path) -> Iterator[str]:
    """Start `serve` on a free loopback port, wait until it is ready, and end it afterwards.

    Yields its ws:// address. Its log is `log_dir`/gateway.log. Raises EngineError when it does not become ready.
    """
    try:
        log_dir.mkdir(parents=True, exist_ok=True)
        log = (log_dir / "gateway.log").open("wb")
    except OSError as error:
        raise OptionError(f"-o: {log_dir} cannot be written to: {error.strerror}") from None
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gateway", "serve", "--port", str(port), "--drain", "0", "--log-format", "json"]
    with log, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as server:
        try:
            _wait_ready(server, port, log_dir / "gateway.log")
            yield f"ws://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise EngineError(f"the gateway ended before it was ready; {log} says why. Try: redaction-gateway doctor")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_POLL_S)
    raise EngineError(f"the gateway was not ready after {START_TIMEOUT_S:.0f} s; {log} may say why")
