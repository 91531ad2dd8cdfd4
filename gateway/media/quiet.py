"""Padding that snaps to quiet moments.

A recogniser's word edges are off: starts by 31 ms (median) to 122 ms (90 % of all), ends by 35 to 115 ms, a few by
250 ms. So what is covered must reach further than the words, and as little as possible into the next ones. Each edge
goes where a cost is least: how loud it is there, in dB, plus a penalty for being off the usual pad, steep on the near
side (something would be heard), gentle on the far side (a neighbour would be covered). A pause or a dip between words
thus draws the edge to it; without one the usual pad is taken. Since the penalty is convex, a larger span never gets a
smaller answer. `python -m loadtest.padding_report` measures what these settings and others leak and cost.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.media.timeline import MediaTime, Span, samples_of

REACH_MS: Final = 200
"""The most an edge moves outwards; the surroundings an edge is chosen from."""
USUAL_MS: Final = 80
"""The pad where no moment is quieter than another."""
_FRAME_MS: Final = 10
_NEAR_DB: Final = 4.0
_FAR_DB: Final = 1.0
"""The penalty for each frame an edge is nearer, or further away, than usual."""


def padded(span: Span, heard: NDArray[np.int16], heard_from: MediaTime, rate: int, limit: Span | None = None) -> Span:
    """`span` made longer at both edges, by at most `REACH_MS` each, never shorter.

    `heard`: PCM16 samples from `heard_from` on, best with `REACH_MS` on both sides of the span. What was not heard
    counts as quiet. `limit`: what must not be left, usually the far edges of the neighbouring words; the span itself is
    covered even outside of it. Audio further than a frame beyond the reach changes nothing. The answer may begin before
    0 or end after the last sample; that is for the caller to cut.
    """
    frame = max(1, samples_of(_FRAME_MS, rate))
    reach = samples_of(REACH_MS, rate)
    first, last = (span.start - reach) // frame, -(-(span.end + reach) // frame)
    levels = _levels(first, last, heard, heard_from, frame)
    starts = np.arange(first, span.start // frame + 1) * frame
    ends = np.arange(-(-span.end // frame), last + 1) * frame
    start = _cheapest(starts, span.start - starts, levels[starts // frame - first], rate)
    end = _cheapest(ends, ends - span.end, levels[ends // frame - 1 - first], rate)
    if limit is not None:
        start, end = max(start, limit.start), min(end, limit.end)
    return Span(min(start, span.start), max(end, span.end))


def _cheapest(edges: NDArray[np.int64], pads: NDArray[np.int64], levels: NDArray[np.float64], rate: int) -> MediaTime:
    """The edge of least cost among those no further out than the reach."""
    off = (pads * 1000 / rate - USUAL_MS) / _FRAME_MS
    cost = levels + np.where(off < 0, -off * _NEAR_DB, off * _FAR_DB)
    cost[pads > samples_of(REACH_MS, rate)] = np.inf
    return int(edges[np.argmin(cost)])


def _levels(first: int, last: int, heard: NDArray[np.int16], heard_from: MediaTime, frame: int) -> NDArray[np.float64]:
    """How loud the frames `first` to `last` (exclusive) are: dB above 1, each the mean of itself and its neighbours."""
    levels = np.zeros(last - first + 2)
    begin = max(first - 1, -(-heard_from // frame))
    count = min(last + 1, (heard_from + len(heard)) // frame) - begin
    if count > 0:
        offset = begin * frame - heard_from
        samples = heard[offset : offset + count * frame].reshape(count, frame).astype(np.float64)
        at = begin - first + 1
        levels[at : at + count] = 10 * np.log10(np.mean(samples**2, axis=1) + 1)
    return np.convolve(levels, np.ones(3) / 3, mode="valid")
