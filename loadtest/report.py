"""The report of a load test: one JSON object, and its tables for a terminal."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.evaluation.figures import share
from loadtest.budgets import State, Verdict

Row = Mapping[str, Any]

COLOURS = {State.HELD: "green", State.BROKEN: "red", State.NOT_MEASURED: "dim"}


def environment(server_cpus: frozenset[int], client_cpus: frozenset[int]) -> dict[str, Any]:
    """What the figures depend on besides the gateway."""
    return {
        "cpus": os.cpu_count(),
        "processor": _processor(),
        "server_cpus": sorted(server_cpus) or None,
        "client_cpus": sorted(client_cpus) or None,
        "python": platform.python_version(),
        "gateway": version("redaction-gateway"),
        "onnxruntime": version("onnxruntime"),
        "kernel": platform.release(),
    }


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def knee_row(legs: int | None, rows: Sequence[Row], server_cpus: frozenset[int]) -> dict[str, Any]:
    """What a ramp found: the most legs that were served well, and how busy the server was there and at the break."""
    at = next((row for row in rows if row["legs"] == legs), None)
    broken = min((row for row in rows if legs is None or row["legs"] > legs), key=lambda row: row["legs"], default=None)
    return {
        "legs": legs,
        "legs_per_pinned_core": share(legs or 0, len(server_cpus)),
        "server": None if at is None else at["server"],
        "first_broken": None if broken is None else {"legs": broken["legs"], "server": broken["server"]},
    }


def notes_of(rows: Sequence[Row]) -> list[str]:
    """What a reader of the figures must know."""
    notes = []
    for row in rows:
        callers = row["callers"]
        if callers["were_late"]:
            sent, woke = callers["send_lateness_ms"]["p99.9"], callers["loop_lateness_ms"]["p99.9"]
            notes.append(
                f"{row['legs']} legs: the callers themselves were late (99.9th percentile: messages {number(sent)} ms, "
                f"event loop {number(woke)} ms). Some of the delay may be theirs; nothing was subtracted."
            )
        if row["refusals"]["count"] and row["legs_speaking"] < row["legs"]:
            notes.append(f"{row['legs']} legs: {row['refusals']['lines']} lines were refused at least once.")
    return notes


def print_report(console: Console, report: Row, verdicts: Sequence[Verdict]) -> None:
    """All tables."""
    rows: Sequence[Row] = report["plateaus"]
    console.print(_service(rows))
    console.print(_server(rows))
    for row in rows:
        if row["kill"]:
            console.print(_kill(row["kill"]))
        if row["refusals"]["count"]:
            console.print(_refusals(row))
    if knee := report.get("knee"):
        per_core = knee["legs_per_pinned_core"]
        console.print(
            f"knee: {knee['legs'] if knee['legs'] is not None else 'below the first plateau'} legs"
            + (f", {per_core:.1f} a core" if per_core else "")
        )
    console.print(_budgets(verdicts))
    for note in report["notes"]:
        console.print(f"[yellow]{note}[/yellow]")


def _service(rows: Sequence[Row]) -> Table:
    headings = (
        "speaking",
        "talk",
        "active",
        "delay p50",
        "p99",
        "p99.9",
        "max",
        "late",
        "overdue",
        "longest",
        "captions p50",
    )
    table = Table("legs", title="what the calls saw (ms)", title_justify="left")
    for heading in (*headings, "p99", "leaked", "alone", "other covered", "calls", "broken"):
        table.add_column(heading, justify="right")
    for row in rows:
        delay, caption, alone = row["added_delay_ms"], row["caption_delay_ms"], row["alone"]
        table.add_row(
            str(row["legs"]),
            number(row["legs_speaking"]),
            percent(row["talk_share"]),
            percent(row["active_share"]),
            *(number(delay[name]) for name in ("p50", "p99", "p99.9", "max")),
            percent(row["covered_late_share"], 2),
            percent(row["overdue_share"], 2),
            number(row["longest_late_ms"]),
            number(caption["p50"]),
            number(caption["p99"]),
            percent(row["leaks"]["leaked_share"]),
            "-"
            if alone is None
            else f"{percent(alone['live']['leaked_share'])} / {percent(alone['alone']['leaked_share'])}",
            percent(row["leaks"]["other_covered_share"]),
            str(row["calls"]["ended"]),
            str(row["calls"]["broken"]),
        )
    return table


def _server(rows: Sequence[Row]) -> Table:
    table = Table("legs", title="what they cost", title_justify="left")
    headings = ("CPU s/s", "main", "workers", "per leg", "legs per core used", "RSS MB", "PSS MB", "processes")
    for heading in (*headings, "steps", "skipped", "found too late ms", "callers late p99.9", "their CPU"):
        table.add_column(heading, justify="right")
    for row in rows:
        server, said = row["server"], row["statistics"]
        cells = ["-"] * len(headings)
        if server is not None:
            roles = server["cpu_s_per_s_by_role"]
            cells = [
                f"{server['cpu_s_per_s']:.2f}",
                f"{roles['main']:.2f}",
                f"{roles['worker']:.2f}",
                number(server["cpu_s_per_leg_s"], 4),
                number(server["legs_per_core_used"], 1),
                number(server["rss_mb_max"]),
                number(server["pss_mb_max"]),
                str(server["processes"]),
            ]
        counts = (said.get("steps", 0), said.get("skipped_steps", 0), said.get("found_too_late_ms", 0))
        callers = row["callers"]
        own = (number(callers["send_lateness_ms"]["p99.9"]), f"{callers['cpu_s_per_s']:.2f}")
        table.add_row(str(row["legs"]), *cells, *map(str, counts), *own)
    return table


def _kill(kill: Row) -> Table:
    table = Table(
        "killed at", "legs with a gap", "longest gap", "late until", "steps again", "replaced", "ready again", "broken"
    )
    table.title, table.title_justify = "a worker was killed", "left"
    table.add_row(
        f"{kill['at_s']:.1f} s",
        f"{kill['legs_with_a_gap']} of {len(kill['gaps_ms'])}",
        f"{number(kill['gap_ms'])} ms",
        f"{kill['late_until_s']:.2f} s",
        *(f"{number(kill[name], 2)} s" for name in ("steps_again_s", "replaced_s", "ready_again_s")),
        str(kill["broken_calls"]),
    )
    return table


def _refusals(row: Row) -> Table:
    refusals = row["refusals"]
    table = Table("legs", "refusals", "lines", "answers", "p50 ms", "p99 ms", "max ms", "not 503 with Retry-After")
    table.title, table.title_justify = "refused calls", "left"
    took = refusals["took_ms"]
    table.add_row(
        str(row["legs"]),
        str(refusals["count"]),
        str(refusals["lines"]),
        ", ".join(f"{status}: {count}" for status, count in refusals["statuses"].items()),
        *(number(took[name], 1) for name in ("p50", "p99", "max")),
        str(refusals["without_503_and_retry_after"]),
    )
    return table


def _budgets(verdicts: Sequence[Verdict]) -> Table:
    table = Table("budget", title="budgets", title_justify="left")
    for heading in ("at most", "measured", "legs"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for verdict in verdicts:
        state = verdict.state
        shown = number(verdict.measured, 4) if verdict.measured is not None else "-"
        row = (verdict.name, f"{verdict.limit:g}", shown, str(verdict.legs))
        table.add_row(*row, f"[{COLOURS[state]}]{state.value}[/{COLOURS[state]}]")
    return table


def number(value: float | None, digits: int = 0) -> str:
    """A figure for a table."""
    return "-" if value is None else f"{value:.{digits}f}"


def percent(part: float | None, digits: int = 1) -> str:
    """A share for a table."""
    return "-" if part is None else f"{100 * part:.{digits}f} %"


def command_line() -> str:
    """What was run, as somebody else would type it."""
    return " ".join(["python -m loadtest", *sys.argv[1:]])
