"""The report as one HTML page with its plots inside: it opens without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loadtest.report import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, Any]

_MUTED: Final = "#6b7788"
_COLOURS: Final = ("#2e86ab", "#d1495b", "#e29c38", "#4f9d69", "#7b5ea7", "#c46a2b")
_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; color: #2f3b4c; max-width: 1100px; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; } th, td { padding: .25em .8em; text-align: right; }
th { border-bottom: 1px solid #aab; font-weight: 600; } td:first-child, th:first-child { text-align: left; }
.held { color: #2b7a4b; } .broken { color: #c0392b; font-weight: 600; } .not { color: #8a94a3; }
code { background: #f1f3f6; padding: .1em .4em; } svg { max-width: 100%; height: auto; } .note { color: #a5671c; }
"""


def write_report(folder: Path, report: Row) -> list[Path]:
    """Write loadtest.json and loadtest.html; answers their paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    data, page = folder / "loadtest.json", folder / "loadtest.html"
    data.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    page.write_text(page_of(report), encoding="utf-8")
    return [data, page]


def page_of(report: Row) -> str:
    """The whole page."""
    rows: Sequence[Row] = report["plateaus"]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Load test</title>",
        f"<style>{_STYLE}</style><h1>Load test</h1>",
        f"<p><code>{escape(report['command'])}</code></p><p>{_environment(report['environment'])}</p>",
    ]
    if report["stopped_early"]:
        parts.append("<p class=note>Stopped before its end: what follows was measured until then.</p>")
    parts += [f"<p class=note>{escape(note)}</p>" for note in report["notes"]]
    if report["knee"]:
        legs = report["knee"]["legs"]
        parts.append(f"<p>Knee: <b>{'below the first plateau' if legs is None else f'{legs} legs'}</b></p>")
    parts += ["<h2>Budgets</h2>", _budgets(report["budgets"]), "<h2>Figures</h2>", _figures(rows)]
    if len(rows) > 1:
        parts += ["<h2>More and more legs</h2>", _svg(_ramp(rows))]
    for row in rows:
        parts += [f"<h2>{row['legs']} legs, {escape(row['scenario'])}</h2>", _svg(_over_time(row))]
    return "\n".join(parts) + "\n"


def _environment(about: Row) -> str:
    named = {name.replace("_", " "): value for name, value in about.items() if value is not None}
    return escape(", ".join(f"{name}: {value}" for name, value in named.items()))


def _budgets(budgets: Sequence[Row]) -> str:
    cells = [
        [
            escape(row["name"].replace("_", " ")),
            f"{row['limit']:g}",
            number(row["measured"], 4),
            f"<span class={row['state'].split()[0]}>{row['state']}</span>",
        ]
        for row in budgets
    ]
    return _table(["budget", "at most", "measured", ""], cells)


def _figures(rows: Sequence[Row]) -> str:
    headings = ["legs", "talk", "delay p50 ms", "p99", "p99.9", "max", "covered late", "captions p50 ms", "p99"]
    headings += ["leaked", "other speech covered", "CPU s/s", "PSS MB"]
    cells = []
    for row in rows:
        delay, captions, server = row["added_delay_ms"], row["caption_delay_ms"], row["server"] or {}
        cells.append(
            [
                str(row["legs"]),
                percent(row["talk_share"]),
                *(number(delay[name]) for name in ("p50", "p99", "p99.9", "max")),
                percent(row["covered_late_share"], 2),
                *(number(captions[name]) for name in ("p50", "p99")),
                percent(row["leaks"]["leaked_share"]),
                percent(row["leaks"]["other_covered_share"]),
                number(server.get("cpu_s_per_s"), 2),
                number(server.get("pss_mb_max")),
            ]
        )
    return _table(headings, cells)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _svg(figure: Figure) -> str:
    drawn = StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :]


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _over_time(row: Row) -> Figure:
    """Delay, processor and memory over time, and how the delays are distributed."""
    figure = _figure(11, 6.4)
    (delays, spread), (processor, memory) = figure.subplots(2, 2)
    series, lookahead = row["series"], row["lookahead_ms"]
    ticks = [tick for tick in series["delay"] if tick["p50_ms"] is not None]
    for colour, name in zip(_COLOURS, ("p50_ms", "p99_ms", "max_ms"), strict=False):
        _line(delays, [(tick["at_s"], tick[name]) for tick in ticks], colour, name.removesuffix("_ms"))
    delays.axhline(lookahead, color=_MUTED, linewidth=0.8, linestyle="--")
    _label(delays, "added delay, ms", "s")
    steps = [(value - lookahead, 1.0 - part) for value, part in row["delay_steps"]]
    if steps:
        spread.step([at for at, _ in steps], [max(part, 1e-6) for _, part in steps], color=_COLOURS[0], where="post")
        spread.set_yscale("log")
    _label(spread, "share of frames that come later", "ms beyond the lookahead")
    for colour, role in zip(_COLOURS, ("main", "worker"), strict=False):
        _line(processor, [(use["at_s"], use[f"cpu_{role}"]) for use in series["usage"]], colour, role)
    _label(processor, "CPU seconds a second", "s")
    for colour, name in zip(_COLOURS, ("rss_mb", "pss_mb"), strict=False):
        _line(memory, [(use["at_s"], use[name]) for use in series["usage"]], colour, name[:3].upper())
    _label(memory, "memory, MB", "s")
    for axes in (processor, memory):
        axes.set_ylim(bottom=0)
    return figure


def _ramp(rows: Sequence[Row]) -> Figure:
    figure = _figure(11, 3.4)
    delay, late, cost = figure.subplots(1, 3)
    for colour, name in zip(_COLOURS, ("p50", "p99", "p99.9"), strict=False):
        _line(delay, [(row["legs"], row["added_delay_ms"][name]) for row in rows], colour, name)
    _label(delay, "added delay, ms", "legs")
    _line(late, [(row["legs"], _percent_of(row["covered_late_share"])) for row in rows], _COLOURS[1], "covered late")
    _line(late, [(row["legs"], _percent_of(row["leaks"]["leaked_share"])) for row in rows], _COLOURS[2], "leaked")
    _label(late, "%", "legs")
    measured = [row for row in rows if row["server"]]
    for colour, role in zip(_COLOURS, ("main", "worker"), strict=False):
        points = [(row["legs"], row["server"]["cpu_s_per_s_by_role"][role]) for row in measured]
        _line(cost, points, colour, role)
    _label(cost, "CPU seconds a second", "legs")
    return figure


def _percent_of(part: float | None) -> float | None:
    return None if part is None else 100 * part


def _line(axes: Axes, points: Sequence[tuple[float, float | None]], colour: str, label: str) -> None:
    known = [(at, value) for at, value in points if value is not None]
    if known:
        mark = "o" if len(known) < 40 else ""
        axes.plot(*zip(*known, strict=True), color=colour, label=label, marker=mark, markersize=3)
        axes.legend(frameon=False, fontsize=8)


def _label(axes: Axes, vertical: str, horizontal: str) -> None:
    axes.set_ylabel(vertical, color=_MUTED)
    axes.set_xlabel(horizontal, color=_MUTED)
    axes.grid(alpha=0.3)
