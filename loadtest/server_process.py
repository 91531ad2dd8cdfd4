"""A gateway in a process of its own, for as long as it is needed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from loadtest.resources import running_on

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
POLL_S = 0.1
HOST = "127.0.0.1"


class ServerFailed(Exception):
    """The gateway did not start."""


@dataclass(frozen=True, slots=True)
class Server:
    """A gateway that runs: its ws:// address, and its process."""

    base: str
    pid: int


@contextmanager
def running_server() -> Iterator[str]:
    """Start `redaction-gateway serve` on a free port; the value is its ws:// address. Raises ServerFailed."""
    with server_process() as server:
        yield server.base


@contextmanager
def server_process(arguments: Sequence[str] = (), cpus: frozenset[int] = frozenset()) -> Iterator[Server]:
    """The same with more arguments and on these CPUs (none: any). Ctrl-C does not reach it. Raises ServerFailed."""
    port = _free_port()
    program = str(Path(sys.executable).with_name("redaction-gateway"))
    command = [program, "serve", "--host", HOST, "--port", str(port), *arguments]
    try:
        with running_on(cpus):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        raise ServerFailed(f"{command[0]} cannot be run: {error.strerror}") from error
    try:
        _wait_until_ready(process, port)
        yield Server(f"ws://{HOST}:{port}", process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
    return port


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise ServerFailed(f"the gateway ended with code {process.returncode} before it was ready")
        try:
            with urlopen(f"http://{HOST}:{port}/readyz", timeout=1.0):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(POLL_S)
    raise ServerFailed(f"the gateway was not ready within {START_TIMEOUT_S:.0f} s")
