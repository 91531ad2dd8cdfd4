"""The composition root: builds what a server is made of, starts it in order, and ends it in reverse.

Order: logging, worker (the model is loaded), listener. SIGTERM and SIGINT end the listener (calls may finish), then
the worker.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

import uvloop
from fastapi import FastAPI

from gateway import __version__
from gateway.asr.registry import create_recognizer
from gateway.config import Settings, load_defaults
from gateway.observe.log import configure_logging, get_logger
from gateway.observe.metrics import Metrics
from gateway.pii.combined import create_detector
from gateway.transports.calls import Calls
from gateway.transports.http import create_application
from gateway.transports.server import Server, bind, check_certificate
from gateway.transports.service import MeteredRecognition, Service, SupervisedRecognition
from gateway.transports.verification import LiveVerification
from gateway.workers.client import WorkerClient
from gateway.workers.worker import Models

_LAG_PERIOD_S: Final = 0.5


class Worker(SupervisedRecognition, Protocol):
    """Recognition in a process that may be started again."""

    @property
    def restarts(self) -> int:
        """How often that happened."""
        ...


def build_service(settings: Settings, recognition: SupervisedRecognition) -> Service:
    """What the transports serve. Raises OptionError for a file of terms or policies that cannot be used."""
    metrics = Metrics()
    verification = LiveVerification(settings.verify_share, metrics) if settings.verify_share else None
    return Service(
        recognition=MeteredRecognition(recognition, metrics),
        calls=Calls(settings.max_calls),
        metrics=metrics,
        defaults=load_defaults(settings),
        verification=verification,
    )


def build_app(settings: Settings, recognition: SupervisedRecognition) -> FastAPI:
    """The ASGI application, for whoever brings a server and a recogniser."""
    return create_application(build_service(settings, recognition))


def run_server(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `announce` is told the address once it is served.

    Raises OptionError for an address or certificate that cannot be used, EngineError when the recogniser cannot be
    started, KeyboardInterrupt for a SIGINT before that.
    """
    configure_logging(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, announce))


async def _serve(settings: Settings, announce: Callable[[str], None]) -> None:
    log = get_logger()
    if settings.tls_cert and settings.tls_key:
        check_certificate(settings.tls_cert, settings.tls_key)
    with bind(settings.host, settings.port) as listener:
        port = listener.getsockname()[1]
        worker = WorkerClient(Models(partial(create_recognizer, settings.engine), create_detector))
        service = build_service(settings, worker)
        log.info("starting", version=__version__, engine=settings.engine)
        await worker.start()
        watching = asyncio.create_task(_watch(worker, service.metrics))

        def listening() -> None:
            log.info("listening", host=settings.host, port=port, tls=settings.tls)
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            announce(f"{'https' if settings.tls else 'http'}://{host}:{port}")

        server = Server(
            create_application(service),
            service.calls,
            settings.drain_s,
            settings.tls_cert,
            settings.tls_key,
            listening,
        )
        # uvicorn raises the signal that ended it again, for whoever runs it; here a signal that was followed is done.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: None)
        try:
            await server.serve([listener])
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await worker.stop()
            if service.verification:
                await service.verification.stop()
            log.info("stopped")


async def _watch(worker: Worker, metrics: Metrics) -> None:
    """Measure how late the event loop wakes up, and count the worker's restarts."""
    loop = asyncio.get_running_loop()
    restarts = worker.restarts
    while True:
        due_at = loop.time() + _LAG_PERIOD_S
        await asyncio.sleep(_LAG_PERIOD_S)
        metrics.loop_lagged(max(0.0, loop.time() - due_at))
        if worker.restarts > restarts:
            metrics.worker_restarted(worker.restarts - restarts)
            get_logger().warning("worker_restarted", restarts=worker.restarts)
            restarts = worker.restarts
