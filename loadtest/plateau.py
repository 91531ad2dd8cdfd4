"""Runs plateaus: tells the callers' processes when to call whom, watches the server, and adds up what comes back."""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeAlias

from gateway.evaluation.labels import Clip
from loadtest.baseline import Baseline, Leaks
from loadtest.call import CallRecord, Refusal
from loadtest.caller import READY, Begin, Finished, Plateau, Stop, Tick, caller_process
from loadtest.conversation import Library
from loadtest.figures import PlateauFigures
from loadtest.gateway_http import is_ready, metrics
from loadtest.kill import STEPS, KillFigures, Recovery, kill_a_worker, window_around
from loadtest.resources import TreeMeter, running_on, workers_of
from loadtest.scenario import CallKind, CallPlan, Timetable, kinds_of_lines, plan_line
from loadtest.scoring import score_call

LINES_PER_PROCESS = 100
SAMPLE_S = 1.0
LOOK_S = 0.1
START_S = 0.5
WATCH_KILL_S = 15.0
"""So long after a kill the server is asked how it is, and nothing else is done."""

Progress: TypeAlias = Callable[[float, str], None]
"""Told how far a plateau is, 0..1, and what is going on."""


@dataclass(frozen=True, slots=True)
class Course:
    """What is the same for all plateaus of a run. `server_pid`: the gateway's, None when it is not known."""

    base: str
    server_pid: int | None
    scenario: str
    kinds: tuple[CallKind, ...]
    talk_share: float
    seed: int


@dataclass(slots=True)
class Callers:
    """The callers' processes."""

    pipes: list[Connection]
    processes: list[BaseProcess]


@contextmanager
def running_callers(clips: Sequence[Clip], lines: int, cpus: frozenset[int]) -> Iterator[Callers]:
    """Processes for so many lines, on these CPUs (none: any)."""
    context = multiprocessing.get_context("spawn")
    callers = Callers([], [])
    with running_on(cpus):
        for _ in range(-(-lines // LINES_PER_PROCESS)):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(target=caller_process, args=(theirs, clips), daemon=True)
            process.start()
            theirs.close()
            callers.pipes.append(ours)
            callers.processes.append(process)
    try:
        yield callers
    finally:
        for pipe in callers.pipes:
            try:
                pipe.send(None)
            except OSError:
                continue
        for process in callers.processes:
            process.join(10)
            if process.is_alive():
                process.terminate()


@dataclass(slots=True)
class _Killing:
    at: float
    done: bool = False
    recovery: Recovery | None = None


@dataclass(slots=True)
class PlateauRun:
    """One plateau. `run` gives its figures; what came of each call is kept only where it is still needed."""

    course: Course
    library: Library
    callers: Callers
    legs: int
    timetable: Timetable
    kill_at_s: float | None = None
    keep_records: bool = False
    stopped: bool = False
    records: list[CallRecord] = field(default_factory=list)
    _plans: dict[tuple[int, int], CallPlan] = field(default_factory=dict)
    _live: dict[tuple[int, int], Leaks] = field(default_factory=dict)
    _live_at_kill: dict[tuple[int, int], Leaks] = field(default_factory=dict)

    def run(self, progress: Progress) -> PlateauFigures:
        """Call, listen, score. Ctrl-C ends the calls; a second one raises KeyboardInterrupt."""
        self._begin()
        began = time.monotonic() + START_S
        figures = self._figures(began)
        for pipe in self._busy:
            pipe.send(Begin(began))
        meter = TreeMeter(self.course.server_pid) if self.course.server_pid else None
        killing = None if self.kill_at_s is None else _Killing(began + self.kill_at_s)
        unscored: deque[CallRecord] = deque()
        unfinished = set(self._busy)
        sampled = 0.0
        while unfinished or unscored:
            try:
                ready = wait(list(unfinished), LOOK_S) if unfinished else []
                for pipe in [one for one in unfinished if one in ready]:
                    if not self._take(pipe.recv(), figures, unscored):
                        unfinished.discard(pipe)
                now = time.monotonic()
                if meter and now - sampled >= SAMPLE_S and now <= began + self.timetable.length_s:
                    figures.samples.append(meter.sample(now))
                    sampled = now
                figures.server.look(self.course.base, figures.meters, now)
                watching = killing is not None and self._kill(killing, figures, now)
                if unscored and not watching:
                    self._score(unscored.popleft(), figures, killing)
                done = min(1.0, max(0.0, (now - began) / self.timetable.length_s))
                progress(done, self._state(figures, unscored, now - began))
            except EOFError:
                raise RuntimeError("a callers' process ended by itself") from None
            except KeyboardInterrupt:
                if self.stopped:
                    raise
                self._stop_early(figures, began)
        return figures

    def compare(self, figures: PlateauFigures, baseline: Baseline, most: int, progress: Progress) -> None:
        """Measure up to `most` of the calls alone, and count both figures in. Ctrl-C ends it early."""
        chosen = [record for record in self.records if record.whole][:most]
        try:
            for number, record in enumerate(chosen):
                progress(number / len(chosen), f"call {number + 1} of {len(chosen)} alone")
                plan = self._plan_of(record)
                figures.add_comparison(
                    self._live[record.line, record.number], baseline.leaks(plan, record, record.counted_ms)
                )
                if figures.kill is not None and (live := self._live_at_kill.get((record.line, record.number))):
                    figures.kill.compared.add(live)
                    figures.kill.alone.add(baseline.leaks(plan, record, self._kill_window(record, figures)))
        except KeyboardInterrupt:
            return

    @property
    def _busy(self) -> list[Connection]:
        lines = len({line for line, _ in self._plans})
        return self.callers.pipes[: max(1, min(len(self.callers.pipes), lines))]

    def _begin(self) -> None:
        """Plan all calls, and wait until the callers have them."""
        course = self.course
        lines = [
            tuple(plan_line(number, kind, self.timetable, self.library, course.talk_share, course.seed))
            for number, kind in enumerate(kinds_of_lines(course.kinds, self.legs))
        ]
        self._plans = {(plan.line, plan.number): plan for plans in lines for plan in plans}
        busy = self._busy
        for number, pipe in enumerate(busy):
            pipe.send(Plateau(course.base, self.timetable, tuple(lines[number :: len(busy)])))
        for pipe in busy:
            if pipe.recv() != READY:
                raise RuntimeError("the callers are out of step")

    def _figures(self, began: float) -> PlateauFigures:
        kind = self.course.kinds[0]
        figures = PlateauFigures(
            self.course.scenario, self.legs, kind.settings.lookahead_ms, self.timetable.counted_s, began
        )
        figures.meters.counted_from = began + self.timetable.warmup_s
        figures.meters.counted_until = began + self.timetable.length_s
        return figures

    def _take(self, report: object, figures: PlateauFigures, unscored: deque[CallRecord]) -> bool:
        """Count a report in; False when it was the last of its process."""
        match report:
            case CallRecord():
                unscored.append(report)
            case Refusal():
                figures.refusals.append(report)
            case Tick():
                figures.ticks.append(report)
            case Finished(meters):
                figures.add_meters(meters)
                return False
            case _:
                raise RuntimeError("the callers are out of step")
        return True

    def _stop_early(self, figures: PlateauFigures, began: float) -> None:
        self.stopped = True
        now = time.monotonic()
        figures.counted_s = max(0.0, min(figures.counted_s, now - began - self.timetable.warmup_s))
        figures.meters.counted_until = min(figures.meters.counted_until, now)
        for pipe in self._busy:
            pipe.send(Stop())

    def _score(self, record: CallRecord, figures: PlateauFigures, killing: _Killing | None) -> None:
        plan = self._plan_of(record)
        scored = score_call(self.library, plan, record, record.counted_ms)
        leaks = Leaks.of(scored)
        figures.add_call(record, scored, plan.kind.legs)
        if killing is not None and killing.done and figures.kill is not None:
            self._score_kill(record, plan, figures, figures.kill)
        if self.keep_records:
            self._live[record.line, record.number] = leaks
            record.changed.clear()
            record.captions.clear()
            self.records.append(record)

    def _score_kill(self, record: CallRecord, plan: CallPlan, figures: PlateauFigures, kill: KillFigures) -> None:
        window = self._kill_window(record, figures)
        if not window[1] > window[0]:
            return
        kill.broken_calls += not record.whole
        leaks = Leaks.of(score_call(self.library, plan, record, window))
        kill.leaks.add(leaks)
        self._live_at_kill[record.line, record.number] = leaks
        killed_ms = self._killed_ms(record, figures)
        until_ms = record.received * 1000 // plan.kind.settings.sample_rate
        for leg in range(plan.kind.legs):
            kill.add_leg(record.redactions, leg, killed_ms, until_ms)

    def _killed_ms(self, record: CallRecord, figures: PlateauFigures) -> int:
        """Where in its media a call was when the worker was killed."""
        if figures.kill is None:
            raise ValueError("nothing was killed")
        return round((figures.began + figures.kill.at_s - record.started_at) * 1000)

    def _kill_window(self, record: CallRecord, figures: PlateauFigures) -> tuple[int, int]:
        rate = self._plan_of(record).kind.settings.sample_rate
        window = window_around(self._killed_ms(record, figures), record.received * 1000 // rate)
        return window.start, window.end

    def _kill(self, killing: _Killing, figures: PlateauFigures, now: float) -> bool:
        """Kill when it is time, and watch. Whether the watching still goes on."""
        if not killing.done and now >= killing.at and not self.stopped and self.course.server_pid is not None:
            killing.done = True
            steps, ready = metrics(self.course.base).get(STEPS, 0.0), is_ready(self.course.base)
            workers = len(workers_of(self.course.server_pid))
            killed_at = time.monotonic()
            killed = kill_a_worker(self.course.server_pid)
            if killed is not None:
                figures.kill = KillFigures(killed_at - figures.began, was_ready=ready)
                killing.recovery = Recovery(self.course.base, self.course.server_pid, killed, killed_at, workers, steps)
        if killing.recovery is None or figures.kill is None or now > killing.at + WATCH_KILL_S:
            return False
        killing.recovery.look(figures.kill, time.monotonic())
        return True

    def _plan_of(self, record: CallRecord) -> CallPlan:
        return self._plans[record.line, record.number]

    def _state(self, figures: PlateauFigures, unscored: deque[CallRecord], elapsed_s: float) -> str:
        if elapsed_s < self.timetable.warmup_s:
            return "warming up"
        if elapsed_s > self.timetable.length_s:
            return f"scoring, {len(unscored)} calls left"
        last = figures.ticks[-1] if figures.ticks else None
        return "" if last is None or last.delay_p99_ms is None else f"delay p99 {last.delay_p99_ms:.0f} ms"
