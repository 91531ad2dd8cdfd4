"""The media timeline: integer sample positions, half-open spans, and sets of spans.

A position (`MediaTime`) counts samples of one leg at its wire rate from the first sample received. There are no
float seconds on the timeline; milliseconds appear only at the edges, through `ms_floor` / `ms_ceil`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

MediaTime: TypeAlias = int
"""Samples from the first sample of the leg, at the leg's wire rate."""


def samples_of(ms: int, rate: int) -> MediaTime:
    """Milliseconds to samples, rounded down. Exact for every rate that is a multiple of 1000 Hz."""
    return ms * rate // 1000


def ms_floor(position: MediaTime, rate: int) -> int:
    """Samples to whole milliseconds, rounded down: the start of a reported span."""
    return position * 1000 // rate


def ms_ceil(position: MediaTime, rate: int) -> int:
    """Samples to whole milliseconds, rounded up: the end of a reported span."""
    return -(-position * 1000 // rate)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of media, `start <= t < end`, in samples."""

    start: MediaTime
    end: MediaTime

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"a span must not end before it starts: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, position: MediaTime) -> bool:
        return self.start <= position < self.end

    def __bool__(self) -> bool:
        return self.end > self.start

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one sample."""
        return max(self.start, other.start) < min(self.end, other.end)

    def intersection(self, other: Span) -> Span:
        """What both share; empty (at the later start) when they share nothing."""
        start = max(self.start, other.start)
        return Span(start, max(start, min(self.end, other.end)))


class SpanSet:
    """A set of samples, kept as sorted, disjoint, non-touching spans."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[MediaTime] = []
        self._ends: list[MediaTime] = []
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Add every sample of `span`; touching spans become one. An empty span adds nothing."""
        if not span:
            return
        first = bisect_left(self._ends, span.start)
        last = bisect_right(self._starts, span.end)
        start, end = span.start, span.end
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def within(self, window: Span) -> Iterator[Span]:
        """The parts of the set inside `window`, in order; none in an empty window."""
        for span in self.overlapping(window):
            yield span.intersection(window)

    def overlapping(self, window: Span) -> Iterator[Span]:
        """The whole spans of the set that share a sample with `window`, in order."""
        index = bisect_right(self._ends, window.start)
        while window and index < len(self._starts) and self._starts[index] < window.end:
            yield Span(self._starts[index], self._ends[index])
            index += 1

    def gaps(self, window: Span) -> Iterator[Span]:
        """The parts of `window` that are not in the set, in order."""
        position = window.start
        for span in self.within(window):
            if span.start > position:
                yield Span(position, span.start)
            position = span.end
        if position < window.end:
            yield Span(position, window.end)

    def covers(self, span: Span) -> bool:
        """Whether every sample of `span` is in the set."""
        return next(self.gaps(span), None) is None

    def overlaps(self, span: Span) -> bool:
        """Whether any sample of `span` is in the set."""
        return next(self.within(span), None) is not None

    def drop_before(self, position: MediaTime) -> None:
        """Forget every sample before `position`."""
        index = bisect_right(self._ends, position)
        del self._starts[:index], self._ends[:index]
        if self._starts and self._starts[0] < position:
            self._starts[0] = position

    @property
    def total(self) -> int:
        """How many samples are in the set."""
        return sum(self._ends) - sum(self._starts)

    def __contains__(self, position: MediaTime) -> bool:
        index = bisect_right(self._ends, position)
        return index < len(self._starts) and self._starts[index] <= position

    def __iter__(self) -> Iterator[Span]:
        for start, end in zip(self._starts, self._ends, strict=True):
            yield Span(start, end)

    def __len__(self) -> int:
        return len(self._starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpanSet) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"SpanSet({list(self)!r})"
