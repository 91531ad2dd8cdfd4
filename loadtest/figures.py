"""The figures of one plateau: what its calls, callers and processes measured, added up, as one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gateway.evaluation.figures import share
from gateway.evaluation.results import Score
from loadtest.baseline import Leaks
from loadtest.call import CallRecord, Meters, Refusal
from loadtest.caller import Tick
from loadtest.delays import Histogram
from loadtest.kill import KillFigures
from loadtest.resources import MAIN, ROLES, TreeSample
from loadtest.scoring import CallScore
from loadtest.server_metrics import ServerMetrics

SAID_AT_THE_END = (
    "steps",
    "relaxed_steps",
    "skipped_steps",
    "lost_recognitions",
    "covered_late_ms",
    "overdue_ms",
    "found_too_late_ms",
    "near_misses",
)
"""What the last message of a call tells of all of it, its warm-up included."""
LONG_RUN_S = 120.0
"""Growth of memory and drift of delay are told of runs at least so long."""
END_SHARE = 0.1
"""They compare the means of the first and of the last tenth of the run."""
HTTP_UNAVAILABLE = 503
LATE_CALLER_MS = 10.0
"""Callers whose 99.9th percentile is later than this add to the measured delay themselves."""


@dataclass(slots=True)
class PlateauFigures:
    """`legs` is what was asked for, `began` is monotonic. Calls and kinds of time are summed over all legs.

    `compared` and `alone`: the calls that were also measured alone, live and alone.
    """

    scenario: str
    legs: int
    lookahead_ms: int
    counted_s: float
    began: float = 0.0
    calls: int = 0
    broken_calls: int = 0
    unfinished_lines: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    statistics: Counter[str] = field(default_factory=Counter)
    score: Score = field(default_factory=Score)
    leaks: Leaks = field(default_factory=Leaks)
    alone: Leaks = field(default_factory=Leaks)
    compared: Leaks = field(default_factory=Leaks)
    compared_calls: int = 0
    legs_ms: int = 0
    said_legs_ms: int = 0
    late_ms: int = 0
    longest_late_ms: int = 0
    talk_ms: int = 0
    active_ms: int = 0
    caption_delay: Histogram = field(default_factory=Histogram)
    meters: Meters = field(default_factory=Meters)
    refusals: list[Refusal] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    samples: list[TreeSample] = field(default_factory=list)
    kill: KillFigures | None = None
    server: ServerMetrics = field(default_factory=ServerMetrics)

    def add_call(self, record: CallRecord, scored: CallScore, legs: int) -> None:
        """Count a call in."""
        self.calls += 1
        self.broken_calls += not record.whole
        self.faults.update(record.faults)
        if record.statistics is not None:
            self.statistics.update({name: record.statistics.get(name, 0) for name in SAID_AT_THE_END})
            self.said_legs_ms += record.statistics["audio_ms"] * legs
        for delay in scored.score.captions.delays_ms:
            self.caption_delay.add(delay)
        scored.score.captions.delays_ms.clear()
        scored.score.captions.reveals.clear()
        scored.score.audio.misses.clear()
        scored.score.audio.false_findings.clear()
        self.score.add(scored.score)
        self.leaks.add(Leaks.of(scored))
        self.legs_ms += scored.legs_ms
        self.late_ms += scored.late_ms
        self.longest_late_ms = max(self.longest_late_ms, scored.longest_late_ms)
        self.talk_ms += scored.talk_ms
        self.active_ms += scored.active_ms

    def add_meters(self, meters: Meters) -> None:
        """Count a caller process in."""
        self.meters.added_delay.merge(meters.added_delay)
        self.meters.delay_from_sending.merge(meters.delay_from_sending)
        self.meters.send_lateness.merge(meters.send_lateness)
        self.meters.loop_lateness.merge(meters.loop_lateness)
        self.meters.cpu_share += meters.cpu_share

    def add_comparison(self, live: Leaks, alone: Leaks) -> None:
        """Count in what a call leaked live, and what it leaks alone."""
        self.compared.add(live)
        self.alone.add(alone)
        self.compared_calls += 1

    def row(self) -> dict[str, Any]:
        """As a JSON object."""
        audio, captions = self.score.audio, self.score.captions
        return {
            "scenario": self.scenario,
            "legs": self.legs,
            "lookahead_ms": self.lookahead_ms,
            "counted_s": self.counted_s,
            "legs_speaking": round(share(self.legs_ms / 1000, self.counted_s) or 0.0, 1),
            "calls": {"ended": self.calls, "broken": self.broken_calls, "faults": dict(sorted(self.faults.items()))},
            "talk_share": share(self.talk_ms, self.legs_ms),
            "active_share": share(self.active_ms, self.legs_ms),
            "added_delay_ms": self.meters.added_delay.row(),
            "delay_steps": self.meters.added_delay.steps(),
            "delay_from_sending_ms": self.meters.delay_from_sending.row(),
            "covered_late_ms": self.late_ms,
            "covered_late_share": share(self.late_ms, self.legs_ms),
            "overdue_share": share(self.statistics["overdue_ms"], self.said_legs_ms),
            "longest_late_ms": self.longest_late_ms,
            "caption_delay_ms": self.caption_delay.row(),
            "caption_words_shown": captions.total.shown,
            "statistics": dict(self.statistics),
            "leaks": self.leaks.row(),
            "unreported_samples": audio.unreported_samples,
            "alone": self._comparison(),
            "refusals": self._refusals(),
            "server": self._server(),
            "metrics": self.server.row(),
            "callers": self._callers(),
            "long_run": self._long_run(),
            "kill": None if self.kill is None else self.kill.row(),
            "series": self._series(),
        }

    def _comparison(self) -> dict[str, Any] | None:
        live, alone = self.compared.leaked_share, self.alone.leaked_share
        if live is None or alone is None:
            return None
        return {
            "calls": self.compared_calls,
            "live": self.compared.row(),
            "alone": self.alone.row(),
            "leak_points_over": 100 * (live - alone),
            "covered_late_over": (self.compared.late_share or 0.0) - (self.alone.late_share or 0.0),
        }

    def _refusals(self) -> dict[str, Any]:
        took = Histogram()
        for refusal in self.refusals:
            took.add(refusal.took_ms)
        polite = [one for one in self.refusals if one.status == HTTP_UNAVAILABLE and one.retry_after_s is not None]
        return {
            "count": len(self.refusals),
            "lines": len({refusal.line for refusal in self.refusals}),
            "statuses": dict(sorted(Counter(str(one.status) for one in self.refusals).items())),
            "without_503_and_retry_after": len(self.refusals) - len(polite),
            "took_ms": took.row(),
        }

    def _server(self) -> dict[str, Any] | None:
        inside = self._counted_samples()
        if len(inside) < 2:
            return None
        first, last = inside[0], inside[-1]
        wall = last.at - first.at
        cpu = {role: (last.cpu_s[role] - first.cpu_s[role]) / wall for role in ROLES}
        legs = self.legs_ms / 1000 / self.counted_s if self.counted_s else 0.0
        used = sum(cpu.values())
        return {
            "cpu_s_per_s": used,
            "cpu_s_per_s_by_role": cpu,
            "cpu_s_per_leg_s": share(used, legs),
            "main_cpu_s_per_leg_s": share(cpu[MAIN], legs),
            "legs_per_core_used": share(legs, used),
            "rss_mb_max": max(sample.rss for sample in inside) / 1e6,
            "pss_mb_max": max(sample.pss for sample in inside) / 1e6,
            "processes": last.processes,
        }

    def _callers(self) -> dict[str, Any]:
        lateness, loop = self.meters.send_lateness.row(), self.meters.loop_lateness.row()
        worst = max((float(row["p99.9"]) for row in (lateness, loop) if row["p99.9"] is not None), default=0.0)
        return {
            "send_lateness_ms": lateness,
            "loop_lateness_ms": loop,
            "were_late": worst > LATE_CALLER_MS,
            "cpu_s_per_s": self.meters.cpu_share,
        }

    def _long_run(self) -> dict[str, Any] | None:
        if self.counted_s < LONG_RUN_S:
            return None
        begins = self.meters.counted_from
        memory = [(one.at - begins, one.pss / 1e6) for one in self._counted_samples()]
        ticks = [(one.at - begins, one.delay_p99_ms) for one in self.ticks if self.meters.counts(one.at)]
        delays = [(at, delay) for at, delay in ticks if delay is not None]
        grown = _grown(memory)
        return {
            "memory_growth_share": None if grown is None else grown[1] / grown[0] - 1.0,
            "memory_slope_mb_per_hour": _slope_per_hour(memory),
            "delay_drift_ms": None if (moved := _grown(delays)) is None else moved[1] - moved[0],
            "delay_slope_ms_per_hour": _slope_per_hour(delays),
        }

    def _counted_samples(self) -> list[TreeSample]:
        return [sample for sample in self.samples if self.meters.counts(sample.at)]

    def _series(self) -> dict[str, list[dict[str, float | None]]]:
        """Over time, in seconds from the beginning of the plateau."""
        delays: list[dict[str, float | None]] = [
            {
                "at_s": round(tick.at - self.began, 1),
                "legs": tick.legs,
                "p50_ms": tick.delay_p50_ms,
                "p99_ms": tick.delay_p99_ms,
                "max_ms": tick.delay_max_ms,
                "caller_lag_ms": tick.loop_max_ms,
            }
            for tick in self.ticks
        ]
        usage: list[dict[str, float | None]] = []
        for before, now in zip(self.samples, self.samples[1:], strict=False):
            wall = now.at - before.at
            row: dict[str, float | None] = {"at_s": round(now.at - self.began, 1)}
            row |= {f"cpu_{role}": round((now.cpu_s[role] - before.cpu_s[role]) / wall, 4) for role in ROLES}
            usage.append({**row, "rss_mb": round(now.rss / 1e6, 1), "pss_mb": round(now.pss / 1e6, 1)})
        return {"delay": delays, "usage": usage}


def _grown(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The mean of the first and of the last tenth; None with too few points."""
    size = max(1, round(len(points) * END_SHARE))
    if len(points) < 2 * size:
        return None
    values = [value for _, value in points]
    return float(np.mean(values[:size])), float(np.mean(values[-size:]))


def _slope_per_hour(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of the line that fits best."""
    if len(points) < 3:
        return None
    at, values = np.array(points).T
    return float(np.polyfit(at, values, 1)[0]) * 3600
