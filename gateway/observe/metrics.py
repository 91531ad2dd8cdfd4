"""Prometheus metrics of one server. Labels come from closed lists; nothing a peer wrote becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.core.events import Statistics, Verdict
from gateway.core.policy import Policy

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
UNDECIDED: Final = "undecided"
"""The label of what was covered without a policy."""
OWN_TERMS = "own_terms"
_DELAYS: Final = (0.5, 1.0, 1.5, 2.0, 2.01, 2.02, 2.05, 2.1, 2.25, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 10.1)
_STEPS: Final = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 2.0, 5.0)
_LAGS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


class Outcome(StrEnum):
    """How a call ended."""

    COMPLETED = "completed"
    PEER_GONE = "peer_gone"
    PEER_FAULT = "peer_fault"
    SLOW_READER = "slow_reader"
    SHUTDOWN = "shutdown"
    INTERNAL = "internal"


class Metrics:
    """Counts what happens; `render` gives the text of `/metrics`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._active = Gauge("gateway_calls_active", "Calls in progress", registry=self._registry)
        self._ended = self._counter("calls", "Calls that ended, by outcome", ["outcome"])
        self._refused = self._counter("calls_refused", "Calls refused before they began, by code", ["code"])
        self._audio_in = self._counter("audio_in_seconds", "Audio received, every leg counted")
        self._redacted = self._counter("redacted_seconds", "Audio covered, by policy; policies may overlap", ["policy"])
        self._late = self._counter("covered_late_seconds", "Audio covered because it was undecided at its deadline")
        self._overdue = self._counter("overdue_seconds", "The part of it for which no answer had come by its deadline")
        self._found_too_late = self._counter(
            "found_too_late_seconds", "Speech that left clear and then was found personal"
        )
        self._near_misses = self._counter("near_misses", "Findings that were not probable enough to be covered")
        self._delay = self._histogram("added_delay_seconds", "99th percentile of a call's added delay", _DELAYS)
        self._step = self._histogram("recognition_step_seconds", "Time from asking for a step to its answer", _STEPS)
        self._relaxed = self._counter("recognition_steps_relaxed", "Steps put off under load")
        self._skipped = self._counter("recognition_steps_skipped", "Steps merged into a later one by overload")
        self._lost = self._counter("recognitions_lost", "Steps that were never answered")
        self._restarts = self._counter("worker_restarts", "Workers that were lost and replaced, by reason", ["reason"])
        self._busy = Gauge("gateway_worker_busy", "Share of their time workers hear calls", registry=self._registry)
        self._server = Gauge("gateway_server_busy", "Share of a core the event loop takes", registry=self._registry)
        self._capacity = Gauge("gateway_capacity_legs", "Legs that fit, as far as is known", registry=self._registry)
        self._memory = Gauge("gateway_worker_memory_bytes", "Memory of all workers", registry=self._registry)
        self._verified = self._counter("verification_seconds", "Redacted audio that was heard again, every leg counted")
        self._unverified = self._counter(
            "verification_dropped_seconds", "Audio of chosen calls that was not heard again: too busy, or lost"
        )
        self._suspicions = self._counter("verification_findings", "What still sounded personal, by policy", ["policy"])
        self._lag = self._histogram("event_loop_lag_seconds", "How late the event loop wakes up", _LAGS)
        for outcome in Outcome:
            self._ended.labels(outcome.value)
        for policy in (*Policy, UNDECIDED, OWN_TERMS):
            self._redacted.labels(policy)

    def call_began(self) -> None:
        """A call was accepted."""
        self._active.inc()

    def call_ended(self, outcome: Outcome, statistics: Statistics) -> None:
        """A call that began is over, one way or another."""
        self._active.dec()
        self._ended.labels(outcome.value).inc()
        self._relaxed.inc(statistics.relaxed_steps)
        self._skipped.inc(statistics.skipped_steps)
        self._lost.inc(statistics.lost_recognitions)
        self._near_misses.inc(statistics.near_misses)
        self._overdue.inc(statistics.overdue_ms / 1000)
        self._found_too_late.inc(statistics.found_too_late_ms / 1000)
        if statistics.added_delay_p99_ms:
            self._delay.observe(statistics.added_delay_p99_ms / 1000)

    def call_refused(self, code: str) -> None:
        """A call did not begin; `code` is the stable name of an error class."""
        self._refused.labels(code).inc()

    def audio_received(self, seconds: float) -> None:
        """Audio came in, all legs together."""
        self._audio_in.inc(seconds)

    def covered(self, policy: str | None, verdict: Verdict, seconds: float) -> None:
        """A stretch of a leg is covered. Labels of users are counted together: their names are theirs."""
        label = UNDECIDED if policy is None else policy if policy in set(Policy) else OWN_TERMS
        self._redacted.labels(label).inc(seconds)
        if verdict is Verdict.COVERED_LATE:
            self._late.inc(seconds)

    def step_took(self, seconds: float) -> None:
        """A recognition step was answered."""
        self._step.observe(seconds)

    def verified(self, seconds: float, policies: Iterable[str]) -> None:
        """Audio that left was heard again; `policies`: what it still sounded like, names of Policy."""
        self._verified.inc(seconds)
        for policy in policies:
            self._suspicions.labels(policy).inc()

    def verification_dropped(self, seconds: float) -> None:
        """Audio that should have been heard again was not."""
        self._unverified.inc(seconds)

    def worker_restarted(self, reason: str, times: int = 1) -> None:
        """Workers were lost, and others take their place. `reason`: of a closed list."""
        self._restarts.labels(reason).inc(times)

    def load_measured(self, busy: float, server: float, capacity: int, memory: int) -> None:
        """How busy everybody is, 0 to 1; how many legs fit; bytes of memory of the workers."""
        self._busy.set(busy)
        self._server.set(server)
        self._capacity.set(capacity)
        self._memory.set(memory)

    def loop_lagged(self, seconds: float) -> None:
        """The event loop woke up that much too late."""
        self._lag.observe(seconds)

    def render(self) -> bytes:
        """Everything, in the Prometheus text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, labels: list[str] | None = None) -> Counter:
        return Counter(f"gateway_{name}", text, labels or [], registry=self._registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"gateway_{name}", text, buckets=buckets, registry=self._registry)
