"""The pictures of a report, drawn from its JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gateway.evaluation.markdown import CAUSES
from gateway.files.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]

_DPI: Final = 100
_INK: Final = "#2f3b4c"
_MUTED: Final = "#6b7788"
_COLOURS: Final = ("#d1495b", "#2e86ab", "#e29c38", "#4f9d69", "#7b5ea7", "#c46a2b")


def write_plots(folder: Path, report: Row) -> list[str]:
    """Draw what the report has figures for, as PNG files; answers their names. Raises MediaError."""
    if "all" not in report:
        return []
    whole: Row = report["all"]
    drawings: dict[str, Callable[[], Figure]] = {}
    if len(whole["lookahead"]) > 1:
        drawings["recall-versus-lookahead.png"] = lambda: _curve(report)
    if "causes" in whole and whole["total"]["leaked_ms"]:
        drawings["causes-of-misses.png"] = lambda: _causes(whole["causes"])
    if "selectivity" in whole:
        drawings["selectivity.png"] = lambda: _selectivity(whole["selectivity"])
    for name, draw in drawings.items():
        drawn = BytesIO()
        draw().savefig(drawn, format="png", metadata={"Software": None})
        with replacing(folder / name) as file:
            file.write(drawn.getvalue())
    return list(drawings)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _curve(report: Row) -> Figure:
    figure = _figure(11, 4.2)
    panels = figure.subplots(1, 2)
    sets = {name: row["all"] for name, row in report["sets"].items()}
    titles = (("covered_share", "labelled speech covered"), ("other_speech_covered_share", "other speech covered"))
    for axes, (key, title) in zip(panels, titles, strict=True):
        for colour, (name, row) in zip(_COLOURS * len(sets), sets.items(), strict=False):
            points = [(int(ms), 100 * one[key]) for ms, one in row["lookahead"].items() if one[key] is not None]
            axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=name)
        axes.set_title(title, color=_INK, fontsize=11)
        axes.set_xlabel("lookahead, ms", color=_MUTED)
        axes.set_ylabel("%", color=_MUTED)
        axes.grid(alpha=0.3)
    panels[0].set_ylim(min(90.0, panels[0].get_ylim()[0]), 100.5)
    panels[1].set_ylim(bottom=0)
    panels[0].legend(frameon=False)
    return figure


def _causes(causes: Row) -> Figure:
    leaking = {policy: row for policy, row in causes["policies"].items() if any(row[cause] for cause in CAUSES)}
    figure = _figure(10, 1.4 + 0.3 * len(leaking))
    axes = figure.subplots()
    left = np.zeros(len(leaking))
    for colour, cause in zip(_COLOURS, CAUSES, strict=False):
        widths = np.array([row[cause] / 1000 for row in leaking.values()])
        axes.barh(list(leaking), widths, left=left, color=colour, label=cause.removesuffix("_ms").replace("_", " "))
        left += widths
    axes.invert_yaxis()
    axes.set_xlabel("leaked, s", color=_MUTED)
    axes.legend(frameon=False)
    return figure


def _selectivity(rows: Row) -> Figure:
    policies = list(rows)
    labels = sorted({label for row in rows.values() for label in row["labels"]})
    columns = [*labels, "other speech"]
    shares = np.full((len(policies), len(columns)), np.nan)
    for at, row in enumerate(rows.values()):
        for column, label in enumerate(labels):
            value = row["labels"].get(label)
            shares[at, column] = np.nan if value is None else 100 * value
        other = row["other_speech_covered_share"]
        shares[at, -1] = np.nan if other is None else 100 * other
    figure = _figure(3.5 + 0.42 * len(columns), 3 + 0.32 * len(policies))
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="YlOrRd", vmin=0, vmax=100, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=8)
    axes.set_yticks(range(len(policies)), policies, fontsize=8)
    for at in range(len(policies)):
        for column in range(len(columns)):
            value = shares[at, column]
            if value >= 0.5:
                colour = "white" if value > 60 else _INK
                axes.text(column, at, f"{value:.0f}", ha="center", va="center", fontsize=7, color=colour)
    axes.set_xlabel("what is said", color=_MUTED)
    axes.set_ylabel("switched on alone", color=_MUTED)
    figure.colorbar(image, ax=axes, label="covered, %", shrink=0.8)
    return figure
