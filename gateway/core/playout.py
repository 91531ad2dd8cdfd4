"""When samples leave a live session: at the playout anchor plus their media time plus the lookahead.

The anchor is the arrival of the first audio. A peer that falls silent on the wire (its next audio comes later than
`JITTER`) moves the anchor: its clock stood still. When the missing audio comes in a burst after all, within `RETURN`,
it was the network or this process that stood still, and the anchor moves back to where it was: the delay stays what it
is. A peer that catches up later moves it back too, but never before the first one: nobody can send more audio than time
has passed, beyond `MAX_LEAD`.
"""

from __future__ import annotations

from collections import Counter
from math import floor

from gateway.errors import PolicyViolation
from gateway.media.timeline import MediaTime, Span, samples_of

MAX_LEAD_MS = 500
"""How far ahead of real time a peer may send."""
FAST_CLOCK = 500e-6
"""A peer's clock may be faster by this share: several times what a poor crystal is off."""
JITTER_MS = 250
"""How late audio may come before the peer's clock is taken to have stood still."""
RETURN_S = 1.0
PTIME_MS = 20
"""Audio leaves in frames of this length, on a fixed grid of media times."""


class Playout:
    """The clock of one live session. Times are monotonic seconds; positions are samples at `rate`."""

    def __init__(self, rate: int, lookahead_ms: int) -> None:
        self._rate = rate
        self._lookahead = lookahead_ms / 1000
        self._ptime = samples_of(PTIME_MS, rate)
        self._first: float | None = None
        self._anchor = 0.0
        self._anchor_before = 0.0
        self._returns_until = 0.0
        self._delays: Counter[int] = Counter()
        self.stalls = 0

    def receive(self, start: MediaTime, now: float) -> None:
        """Audio that starts at `start` came in. Raises PolicyViolation when its sender is too far ahead."""
        if self._first is None:
            self._first = self._anchor = now - start / self._rate
            return
        lead = self._anchor + start / self._rate - now
        if lead < -JITTER_MS / 1000:
            if now > self._returns_until:
                self._anchor_before = self._anchor
            self._returns_until = now + RETURN_S
            self._anchor -= lead
            self.stalls += 1
            return
        if lead > 0 and now <= self._returns_until:
            self._anchor = max(self._anchor_before, self._anchor - lead)
            lead = self._anchor + start / self._rate - now
        if lead > MAX_LEAD_MS / 1000:
            caught_up = self._anchor - lead
            if caught_up < self._first - MAX_LEAD_MS / 1000 - FAST_CLOCK * (now - self._first):
                raise PolicyViolation(
                    f"audio came more than {MAX_LEAD_MS} ms ahead of real time; "
                    "send it at the pace it is spoken, or open the stream with pace=elastic"
                )
            self._anchor = caught_up

    def deadline(self, position: MediaTime) -> float:
        """When the sample at `position` leaves."""
        return self._anchor + position / self._rate + self._lookahead

    def elapsed(self, position: MediaTime, now: float) -> float:
        """Seconds since the sample at `position` should have come in."""
        return now - self._anchor - position / self._rate

    def due_until(self, now: float) -> MediaTime:
        """Every whole frame whose first sample's deadline has come ends at or before this position."""
        if self._first is None:
            return 0
        # Half a sample of tolerance: `now` may be a deadline that was computed from a position.
        position = floor((now - self._anchor - self._lookahead) * self._rate + 0.5)
        return 0 if position < 0 else (position // self._ptime + 1) * self._ptime

    def left(self, span: Span, now: float) -> None:
        """The frames of `span` have left: the delay of each is remembered."""
        for position in range(span.start, span.end, self._ptime):
            self._delays[round(self.elapsed(position, now) * 1000)] += 1

    def delay_ms(self, quantile: float) -> float:
        """A quantile of the delays of all frames that left; 0 when none did."""
        wanted = quantile * self._delays.total()
        seen = 0
        for delay in sorted(self._delays):
            seen += self._delays[delay]
            if seen >= wanted:
                return float(delay)
        return 0.0
