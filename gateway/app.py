"""The composition root: builds what a server is made of, starts it in order, and ends it in reverse.

Order: logging, workers (the models are loaded, and a trial says what a leg costs), listener. SIGTERM and SIGINT end the
listener (calls may finish), then the workers.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from socket import socket
from typing import Final

import uvloop

from gateway import __version__
from gateway.asr.registry import create_recognizer, find_device
from gateway.config import Settings, load_defaults
from gateway.observe.log import configure_logging, get_logger
from gateway.observe.metrics import Metrics
from gateway.pii.combined import create_detector
from gateway.runtime.trial import leg_cost
from gateway.transports.admission import Admission, Load
from gateway.transports.calls import Calls
from gateway.transports.http import create_application
from gateway.transports.server import Server, bind, check_certificate
from gateway.transports.service import MeteredRecognition, Service
from gateway.transports.verification import LiveVerification
from gateway.wire.own_terms import Defaults
from gateway.workers.cores import usable_cores
from gateway.workers.forkserver import Models
from gateway.workers.pool import WorkerPool

_PERIOD_S: Final = 0.5
_CUDA_MEMORY_MB: Final = 4096
"""CUDA's libraries are counted in a process's memory, and take more of it than the models."""


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
    defaults = load_defaults(settings)
    with bind(settings.host, settings.port) as listener:
        device = await asyncio.to_thread(find_device, settings.engine, settings.device)
        on_gpu = device == "cuda"
        # One worker makes the largest batches, and a GPU takes one batch at a time.
        size = (1 if on_gpu else usable_cores()) if settings.workers == "auto" else settings.workers
        recognizer = partial(create_recognizer, settings.engine, device=device)
        models = Models(recognizer, create_detector, leg_cost, forkable=not on_gpu)
        memory_mb = settings.worker_memory_mb + (_CUDA_MEMORY_MB if on_gpu else 0)
        pool = WorkerPool(models, size, memory_mb << 20)
        log.info("starting", version=__version__, engine=settings.engine, device=device, workers=size)
        try:
            await pool.start()
            await _serve_calls(settings, defaults, pool, listener, announce)
        finally:
            # Its processes do not end by themselves while this one lives.
            await pool.stop()
            log.info("stopped")


async def _serve_calls(
    settings: Settings, defaults: Defaults, pool: WorkerPool, listener: socket, announce: Callable[[str], None]
) -> None:
    log = get_logger()
    port = listener.getsockname()[1]
    metrics = Metrics()
    admission = Admission(pool.size, pool.leg_cost)
    log.info("capacity", legs=admission.capacity, leg_cost=round(admission.leg_cost, 4))
    verification = LiveVerification(settings.verify_share, metrics) if settings.verify_share else None
    service = Service(
        recognition=MeteredRecognition(pool, metrics),
        calls=Calls(settings.max_calls, admission),
        metrics=metrics,
        defaults=defaults,
        verification=verification,
    )
    # What is loaded by now stays: looking through it for garbage again and again would hold up frames.
    gc.collect()
    gc.freeze()
    # Woken by every frame of every call, the event loop would interrupt a worker on the same core a thousand times
    # a second. So it runs when the core changes hands anyway, milliseconds later, and finds several frames at once.
    # Where a sandbox forbids it calls work as well, at a greater cost.
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    watching = asyncio.create_task(_watch(pool, admission, metrics))

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
        if verification:
            await verification.stop()


async def _watch(pool: WorkerPool, admission: Admission, metrics: Metrics) -> None:
    """Twice a second: how late the event loop wakes up, what the workers do, and which were lost."""
    loop = asyncio.get_running_loop()
    losses, failures, failed_starts = pool.losses.copy(), pool.failures, pool.failed_starts
    spent, told, since = time.process_time(), pool.told, time.monotonic()
    while True:
        due_at = loop.time() + _PERIOD_S
        await asyncio.sleep(_PERIOD_S)
        metrics.loop_lagged(max(0.0, loop.time() - due_at))
        now, spent_now, told_now = time.monotonic(), time.process_time(), pool.told
        passed, steps = now - since, told_now.steps - told.steps
        load = Load(
            workers=len(pool.pids),
            busy=(told_now.busy_s - told.busy_s) / passed,
            server=(spent_now - spent) / passed,
            late=told_now.late,
            close=(told_now.close_steps - told.close_steps) / steps if steps else 0.0,
        )
        spent, told, since = spent_now, told_now, now
        admission.observe(load, now)
        metrics.load_measured(admission.busy, load.server, admission.capacity, told.memory)
        for reason, number in (pool.losses - losses).items():
            metrics.worker_restarted(reason.value, number)
            get_logger().warning("worker_lost", reason=reason.value, workers=number)
        for error_type, number in (pool.failures - failures).items():
            get_logger().error("worker_failed", error_type=error_type, jobs=number)
        if pool.failed_starts > failed_starts:
            get_logger().error("worker_not_started", attempts=pool.failed_starts - failed_starts)
        losses, failures, failed_starts = pool.losses.copy(), pool.failures, pool.failed_starts
