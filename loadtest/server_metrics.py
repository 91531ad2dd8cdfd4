"""What a gateway counted itself in the counted part of a plateau: `/metrics` at its beginning and at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from loadtest.gateway_http import histogram_quantile, metrics

HISTOGRAMS = ("gateway_event_loop_lag_seconds", "gateway_recognition_step_seconds")
COUNTERS = ("gateway_worker_restarts_total", "gateway_recognition_steps_relaxed_total", "gateway_overdue_seconds_total")
GAUGES = ("gateway_capacity_legs", "gateway_worker_busy", "gateway_server_busy")


class Window(Protocol):
    """A stretch of monotonic time."""

    counted_from: float
    counted_until: float


@dataclass(slots=True)
class ServerMetrics:
    """`before` and `after`: every line of /metrics; empty while it was not asked for or did not answer."""

    before: dict[str, float] = field(default_factory=dict)
    after: dict[str, float] = field(default_factory=dict)

    def look(self, base: str, window: Window, now: float) -> None:
        """Ask when it is time."""
        if not self.before and window.counted_from <= now < window.counted_until:
            self.before = metrics(base)
        elif self.before and not self.after and now >= window.counted_until:
            self.after = metrics(base)

    def row(self) -> dict[str, Any] | None:
        """Upper bounds of percentiles in ms, differences of counters, gauges at the end; None without an answer."""
        if not self.before or not self.after:
            return None
        quantiles = {name: histogram_quantile(self.before, self.after, name, 0.99) for name in HISTOGRAMS}
        return {
            **{f"{name}_p99_at_most_ms": _finite_ms(value) for name, value in quantiles.items()},
            **{name: _sum(self.after, name) - _sum(self.before, name) for name in COUNTERS},
            **{name: self.after.get(name) for name in GAUGES},
        }


def _sum(lines: dict[str, float], family: str) -> float:
    """Over all labels."""
    return sum(value for name, value in lines.items() if name.partition("{")[0] == family)


def _finite_ms(seconds: float | None) -> float | None:
    return None if seconds is None or seconds == float("inf") else seconds * 1000
