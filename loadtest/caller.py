"""The callers' process: places the planned calls of one plateau after another, and reports over a pipe.

The reporter sends a `Plateau`, which is answered by READY once everything is at hand; then a `Begin`; then come
`Tick`s, `CallRecord`s and `Refusal`s, and last `Finished`. A `Stop` ends all calls early, None the process.
"""

from __future__ import annotations

import asyncio
import gc
import queue
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeAlias

import uvloop

from gateway.evaluation.labels import Clip
from loadtest.call import CallRecord, CallTimes, Meters, Refusal, place_call
from loadtest.conversation import Library
from loadtest.scenario import CallPlan, Timetable

READY = "ready"
TICK_S = 1.0
LOOP_PROBE_S = 0.01
RETRY_S = 1.0
LONGEST_RETRY_S = 5.0
"""A refused line tries again after RETRY_S, or after Retry-After, but no later than this."""


@dataclass(frozen=True, slots=True)
class Plateau:
    """`lines`: the calls of each line, in order."""

    base: str
    timetable: Timetable
    lines: tuple[tuple[CallPlan, ...], ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin at this monotonic time."""

    at: float


@dataclass(frozen=True, slots=True)
class Stop:
    """End every call now; what was measured still comes."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The last second: how many legs speak, the delay of what came back (None: nothing did), the worst loop lag."""

    at: float
    legs: int
    delay_p50_ms: float | None
    delay_p99_ms: float | None
    delay_max_ms: float | None
    loop_max_ms: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The plateau is over."""

    meters: Meters


Report: TypeAlias = str | Tick | CallRecord | Refusal | Finished


def caller_process(pipe: Connection, clips: Sequence[Clip]) -> None:
    """Run until told to end. Ctrl-C is the reporter's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Callers(pipe, Library(clips)).run())


class _Callers:
    def __init__(self, pipe: Connection, library: Library) -> None:
        self._pipe = pipe
        self._library = library
        self._orders: asyncio.Queue[object] = asyncio.Queue()
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._stop = asyncio.Event()

    async def run(self) -> None:
        writer = threading.Thread(target=self._write, daemon=True)
        reader = threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True)
        writer.start()
        reader.start()
        plateau: Plateau | None = None
        while (order := await self._orders.get()) is not None:
            match order:
                case Plateau():
                    plateau = order
                    await asyncio.to_thread(self._prepare, plateau)
                    self._reports.put(READY)
                case Begin() if plateau is not None:
                    self._reports.put(Finished(await self._run_plateau(plateau, order.at)))
                    self._stop.clear()
                case _:
                    pass
        self._reports.put(None)
        writer.join()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Pass the reporter's orders on. The pipe must block in both directions, so the event loop never holds it."""
        order: object = self
        while order is not None:
            try:
                order = self._pipe.recv()
            except (EOFError, OSError):
                order = None
            loop.call_soon_threadsafe(self._order, order)

    def _order(self, order: object) -> None:
        if order is None or isinstance(order, Stop):
            self._stop.set()
        if not isinstance(order, Stop):
            self._orders.put_nowait(order)

    def _write(self) -> None:
        while (report := self._reports.get()) is not None:
            try:
                self._pipe.send(report)
            except OSError:
                return

    def _prepare(self, plateau: Plateau) -> None:
        """Read all audio that is needed: nothing may have to wait for it later."""
        for plans in plateau.lines:
            for plan in plans:
                for piece in (piece for pieces in plan.conversation.pieces for piece in pieces):
                    self._library.audio(piece.clip, plan.kind.settings.sample_rate)
        gc.collect()
        gc.freeze()  # what is there for the whole plateau need not be looked through, which would stop all callers

    async def _run_plateau(self, plateau: Plateau, begins_at: float) -> Meters:
        timetable = plateau.timetable
        until = begins_at + timetable.length_s
        meters = Meters(begins_at + timetable.warmup_s, until)
        watching = [asyncio.create_task(self._probe(meters)), asyncio.create_task(self._tick(meters))]
        used = time.process_time()
        async with asyncio.TaskGroup() as lines:
            for plans in plateau.lines:
                lines.create_task(self._line(plateau.base, plans, begins_at, until, meters))
        meters.cpu_share = (time.process_time() - used) / (time.monotonic() - begins_at)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        return meters

    async def _line(self, base: str, plans: Sequence[CallPlan], begins_at: float, until: float, meters: Meters) -> None:
        for plan in plans:
            planned_at = dial_at = begins_at + plan.start_s
            while max(dial_at, time.monotonic()) < until and not self._stop.is_set():
                times = CallTimes(planned_at, dial_at, until)
                answer = await place_call(base, plan, times, self._library, meters, self._stop)
                self._reports.put(answer)
                if isinstance(answer, CallRecord):
                    break
                wait = RETRY_S if answer.retry_after_s is None else min(answer.retry_after_s, LONGEST_RETRY_S)
                dial_at = time.monotonic() + wait

    async def _probe(self, meters: Meters) -> None:
        while True:
            wanted = time.monotonic() + LOOP_PROBE_S
            await asyncio.sleep(LOOP_PROBE_S)
            now = time.monotonic()
            meters.woke(max(0.0, now - wanted), now)

    async def _tick(self, meters: Meters) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            recent = meters.recent_delay
            self._reports.put(
                Tick(
                    time.monotonic(),
                    meters.speaking_legs,
                    recent.quantile(0.5),
                    recent.quantile(0.99),
                    recent.largest,
                    meters.recent_loop_ms,
                )
            )
            meters.recent_delay, meters.recent_loop_ms = type(recent)(), 0.0
