"""A picture of what left the gateway: the waveform of every leg, with the redactions drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gateway.core.events import Verdict
from gateway.files.atomic import replacing
from gateway.files.colours import UNDECIDED, policy_colours
from gateway.files.result import RedactionRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEGEND_COLUMNS: Final = 6
_BUCKET_MS: Final = 10
_WIDTH_INCHES: Final = 16.0
_LEG_INCHES: Final = 2.1
_DPI: Final = 100
_COLUMNS: Final = 1500
"""About one for each pixel of the drawing area."""
_INK: Final = "#2f3b4c"
_MUTED: Final = "#6b7788"
_WAVE: Final = "#8794a6"


class Waveform:
    """The outline of a recording, gathered block by block: its lowest and highest samples, 10 ms at a time."""

    def __init__(self, rate: int, channels: int) -> None:
        self.rate = rate
        self.channels = channels
        self.samples = 0
        self._bucket = max(1, rate * _BUCKET_MS // 1000)
        self._rest = np.empty((0, channels), dtype=np.int16)
        self._lowest: list[NDArray[np.int16]] = []
        self._highest: list[NDArray[np.int16]] = []

    def add(self, samples: NDArray[np.int16]) -> None:
        """Take the next PCM16 block, shape [samples, channels]."""
        self.samples += len(samples)
        held = np.concatenate([self._rest, samples])
        whole = len(held) // self._bucket
        buckets = held[: whole * self._bucket].reshape(whole, self._bucket, self.channels)
        self._lowest.append(buckets.min(axis=1))
        self._highest.append(buckets.max(axis=1))
        self._rest = held[whole * self._bucket :]

    def outline(self, columns: int) -> tuple[NDArray[np.float64], NDArray[np.int16], NDArray[np.int16]]:
        """At most `columns` times in seconds [n], and the lowest and highest sample at each, [n, channels]."""
        tails = [self._rest[None]] if len(self._rest) else []
        lowest = np.concatenate([*self._lowest, *(tail.min(axis=1) for tail in tails)])
        highest = np.concatenate([*self._highest, *(tail.max(axis=1) for tail in tails)])
        joined = max(1, -(-len(lowest) // columns))
        starts = np.arange(0, len(lowest), joined)
        times = (starts + joined / 2) * self._bucket / self.rate
        return times, np.minimum.reduceat(lowest, starts), np.maximum.reduceat(highest, starts)


def write_picture(
    path: Path, waveform: Waveform, redactions: Sequence[RedactionRow], speakers: Sequence[str] | None = None
) -> None:
    """Draw the redacted audio of every leg, and over it the redactions in the colour of their policy, as a PNG.

    What was covered because it was undecided at its deadline is grey and hatched. `speakers[leg]` is how a leg is
    called. Needs at least one sample. Raises MediaError when the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    seconds = waveform.samples / waveform.rate
    colours = policy_colours(row.policy for row in redactions)
    times, lowest, highest = waveform.outline(_COLUMNS)
    loudest = max(int(np.abs(lowest.astype(np.int32)).max()), int(highest.max()), 1000)

    legend_inches = 0.3 * -(-(len(colours) + 1) // _LEGEND_COLUMNS)
    height = 1.3 + legend_inches + _LEG_INCHES * waveform.channels
    figure = Figure(figsize=(_WIDTH_INCHES, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    all_axes = figure.subplots(waveform.channels, 1, sharex=True, squeeze=False)[:, 0]
    for leg, axes in enumerate(all_axes):
        rows = [row for row in redactions if row.leg == leg]
        _draw_leg(axes, times, lowest[:, leg] / loudest, highest[:, leg] / loudest, rows, colours)
        axes.set_xlim(0, seconds)
        axes.set_ylabel(f"leg {leg}" if speakers is None else speakers[leg], color=_INK, fontsize=11, labelpad=10)
        axes.tick_params(axis="x", length=0 if leg + 1 < waveform.channels else 4)
    all_axes[-1].set_xlabel("seconds", color=_MUTED, fontsize=10)

    top = 1 - 0.5 / height
    figure.subplots_adjust(
        left=0.06, right=0.985, top=1 - 0.62 / height, bottom=(0.62 + legend_inches) / height, hspace=0.14
    )
    figure.text(0.06, top, "What left the gateway", color=_INK, fontsize=15, fontweight="bold", va="bottom")
    figure.text(0.985, top, _summary(seconds, redactions), color=_MUTED, fontsize=10, ha="right", va="bottom")
    _draw_legend(figure, colours, redactions)

    drawn = BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    with replacing(path) as file:
        file.write(drawn.getvalue())


def _draw_leg(
    axes: Axes,
    times: NDArray[np.float64],
    lowest: NDArray[np.float64],
    highest: NDArray[np.float64],
    rows: Sequence[RedactionRow],
    colours: dict[str, str],
) -> None:
    """The outline in grey, and within each redaction in its colour on a pale band."""
    axes.set_facecolor("white")
    axes.set_ylim(-1.08, 1.08)
    axes.set_yticks([])
    axes.axhline(0, color=_WAVE, linewidth=0.6)
    axes.fill_between(times, lowest, highest, color=_WAVE, linewidth=0.4)
    for row in rows:
        start, end = row.start_ms / 1000, row.end_ms / 1000
        colour = UNDECIDED if row.policy is None else colours[row.policy]
        axes.axvspan(start, end, facecolor=colour, alpha=0.16, linewidth=0)
        if row.verdict is Verdict.COVERED_LATE:
            axes.axvspan(start, end, facecolor="none", edgecolor=colour, hatch="////", alpha=0.7, linewidth=0)
        inside = (times >= start) & (times <= end)
        axes.fill_between(times, lowest, highest, where=inside.tolist(), color=colour, linewidth=0.4)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color("#cfd6df")
    axes.tick_params(axis="x", colors=_MUTED, labelsize=10)


def _draw_legend(figure: Figure, colours: dict[str, str], redactions: Sequence[RedactionRow]) -> None:
    from matplotlib.patches import Patch

    entries = [Patch(facecolor=colour, label=policy.replace("_", " ")) for policy, colour in colours.items()]
    if any(row.verdict is Verdict.COVERED_LATE for row in redactions):
        late = "covered late (undecided when it had to leave)"
        entries.append(Patch(facecolor="#eeeeee", edgecolor=UNDECIDED, hatch="////", label=late))
    if not entries:
        figure.text(0.06, 0.02, "nothing was redacted", color=_MUTED, fontsize=10, va="bottom")
        return
    legend = figure.legend(
        handles=entries,
        loc="lower left",
        bbox_to_anchor=(0.053, 0.0),
        ncols=_LEGEND_COLUMNS,
        frameon=False,
        fontsize=10,
    )
    for text in legend.get_texts():
        text.set_color(_INK)


def _summary(seconds: float, redactions: Sequence[RedactionRow]) -> str:
    count = len(redactions)
    return f"{seconds:.1f} s, {count} redaction{'' if count == 1 else 's'}"
