"""The figures of a plateau as JSON, as tables and as a page."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from gateway.evaluation.figures import CoveredSpan
from loadtest.budgets import judge_plateau, load_budgets
from loadtest.call import Refusal
from loadtest.caller import Tick
from loadtest.figures import PlateauFigures
from loadtest.gateway_http import histogram_quantile, parse_metrics
from loadtest.kill import KillFigures
from loadtest.page import write_report
from loadtest.report import knee_row, notes_of, print_report
from loadtest.resources import TreeSample


def plateau(legs: int, seconds: int = 200) -> PlateauFigures:
    """A plateau whose memory grows by 10 % and whose delay drifts by 20 ms."""
    figures = PlateauFigures("telephone", legs, 2000, float(seconds), began=1000.0)
    figures.meters.counted_from, figures.meters.counted_until = 1000.0, 1000.0 + seconds
    figures.legs_ms = legs * seconds * 1000
    for second in range(seconds):
        part = second / (seconds - 1)
        at, delay = 1000.0 + second, 2000.0 + 20 * part
        figures.meters.added_delay.add(delay)
        figures.ticks.append(Tick(at, legs, 2000.0, delay, 2030.0, 1.0))
        memory = round(100e6 * (1 + 0.1 * part))
        cpu = {"main": 0.1 * second, "worker": 0.4 * second, "other": 0.0}
        figures.samples.append(TreeSample(at, cpu, memory, memory, 3))
    return figures


def test_growth_and_drift_are_between_the_ends() -> None:
    row = plateau(4).row()["long_run"]
    assert row["memory_growth_share"] == pytest.approx(0.09, abs=0.002)
    assert row["memory_slope_mb_per_hour"] == pytest.approx(10 / 199 * 3600, rel=0.01)
    assert row["delay_drift_ms"] == pytest.approx(18, abs=0.2)


def test_short_runs_tell_no_drift() -> None:
    assert plateau(4, 60).row()["long_run"] is None


def test_cost_is_told_by_role_and_leg() -> None:
    server = plateau(10).row()["server"]
    assert server["cpu_s_per_s"] == pytest.approx(0.5)
    assert server["cpu_s_per_s_by_role"]["main"] == pytest.approx(0.1)
    assert server["cpu_s_per_leg_s"] == pytest.approx(0.05)
    assert server["legs_per_core_used"] == pytest.approx(20)


def test_late_callers_are_told() -> None:
    figures = plateau(4)
    assert notes_of([figures.row()]) == []
    figures.meters.send_lateness.add(50.0)
    assert "nothing was subtracted" in notes_of([figures.row()])[0]


def test_a_kill_tells_gaps_and_recovery() -> None:
    kill = KillFigures(5.0, watched_s=15.0, steps_again_s=0.3, replaced_s=0.1, ready_again_s=0.2)
    spans = [CoveredSpan(0, 9_500, 10_400, None), CoveredSpan(1, 40_000, 41_000, None)]
    kill.add_leg(spans, 0, 10_000, 60_000)
    kill.add_leg(spans, 1, 10_000, 60_000)
    assert kill.gaps_ms == [900, 0]
    assert kill.recovery_s == pytest.approx(0.4)


@pytest.mark.slow
def test_the_report_is_json_tables_and_a_page_without_addresses(tmp_path: Path) -> None:
    figures = plateau(4)
    figures.kill = KillFigures(5.0, [0, 900], watched_s=15.0)
    figures.refusals.append(Refusal(1, 1001.0, 12.0, 503, 1.0))
    rows = [figures.row(), plateau(8).row()]
    verdicts = judge_plateau(rows[0], load_budgets())
    report = {
        "command": "python -m loadtest --legs <4>",
        "environment": {"cpus": 2},
        "stopped_early": True,
        "plateaus": rows,
        "knee": knee_row(4, rows, frozenset({0})),
        "budgets": [verdict.row() for verdict in verdicts],
        "notes": notes_of(rows),
    }
    data, page = write_report(tmp_path / "out", report)
    assert json.loads(data.read_text())["knee"]["legs_per_pinned_core"] == 4
    text = page.read_text()
    assert "&lt;4&gt;" in text
    assert text.count("<svg") == 3
    assert not re.search(r'(src|href)="https?:', text)
    out = StringIO()
    print_report(Console(file=out, width=200), report, verdicts)
    assert "knee: 4 legs, 4.0 a core" in out.getvalue()
    assert "broken" in out.getvalue()


def test_a_histogram_of_metrics_has_quantiles_of_what_came_between() -> None:
    before = parse_metrics('# x\nlag_bucket{le="0.1"} 5\nlag_bucket{le="0.2"} 5\nlag_bucket{le="+Inf"} 5\n')
    after = parse_metrics('lag_bucket{le="0.1"} 5\nlag_bucket{le="0.2"} 14\nlag_bucket{le="+Inf"} 15\n')
    assert histogram_quantile(before, after, "lag", 0.5) == 0.2
    assert histogram_quantile(before, after, "lag", 0.99) == float("inf")
    assert histogram_quantile(after, after, "lag", 0.99) is None
