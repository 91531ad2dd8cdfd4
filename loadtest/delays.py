"""Delays of millions of messages in little memory: a histogram that keeps every quantile to half a millisecond."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil, floor

BIN_MS = 0.5
LIMIT_MS = 120_000.0
"""Larger values, of either sign, are counted as this: it bounds the number of bins."""


@dataclass(slots=True)
class Histogram:
    """Counts of values in milliseconds, in bins of BIN_MS. `largest` is exact, None while nothing was counted."""

    counts: Counter[int] = field(default_factory=Counter)
    largest: float | None = None

    def add(self, value_ms: float) -> None:
        """Count one value."""
        bounded = max(-LIMIT_MS, min(LIMIT_MS, value_ms))
        self.counts[floor(bounded / BIN_MS)] += 1
        if self.largest is None or value_ms > self.largest:
            self.largest = value_ms

    def merge(self, other: Histogram) -> None:
        """Count all of `other` in."""
        self.counts.update(other.counts)
        if other.largest is not None and (self.largest is None or other.largest > self.largest):
            self.largest = other.largest

    @property
    def total(self) -> int:
        """How many values were counted."""
        return self.counts.total()

    def quantile(self, share: float) -> float | None:
        """The value that `share` (0..1) of all values do not exceed: never too low, too high by at most BIN_MS."""
        if self.largest is None:
            return None
        wanted = max(1, ceil(share * self.total - 1e-9))
        seen = 0
        for number in sorted(self.counts):
            seen += self.counts[number]
            if seen >= wanted:
                return min((number + 1) * BIN_MS, self.largest)
        return self.largest

    def row(self) -> dict[str, float | int | None]:
        """The usual quantiles as a JSON object, milliseconds to a tenth."""
        named = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
        quantiles = {name: _tenths(self.quantile(share)) for name, share in named.items()}
        return {"count": self.total, **quantiles, "max": _tenths(self.largest)}

    def steps(self) -> list[tuple[float, float]]:
        """For a plot: the upper edge of each bin in use, and the share of all values up to it."""
        points: list[tuple[float, float]] = []
        seen, total = 0, self.total
        for number in sorted(self.counts):
            seen += self.counts[number]
            points.append(((number + 1) * BIN_MS, seen / total))
        return points


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
