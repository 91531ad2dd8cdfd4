"""How the redactions of a live call differ from those of the same recording run offline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.evaluation.audio_scoring import joined
from gateway.evaluation.figures import CoveredSpan
from gateway.media.timeline import Span, SpanSet

WORD_EDGE_MS = 250
"""Two edges this close are the same edge: the recogniser's word edges are off by as much at the 99th percentile."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch that only one of the two covered. `forced`: a deadline covered it live."""

    leg: int
    start_ms: int
    end_ms: int
    only_live: bool
    forced: bool

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Comparison:
    """`same` of `redactions` offline redactions (leg, policy, edges) came live to the millisecond."""

    redactions: int
    same: int
    differences: tuple[Difference, ...]

    @property
    def beyond_a_word_edge(self) -> tuple[Difference, ...]:
        """Differences that no deadline explains and that are longer than a word edge's error."""
        return tuple(d for d in self.differences if not d.forced and d.length_ms > WORD_EDGE_MS)

    @property
    def forced_ms(self) -> int:
        """What deadlines covered that was clear offline."""
        return sum(d.length_ms for d in self.differences if d.forced)


def compare(live: Sequence[CoveredSpan], offline: Sequence[CoveredSpan]) -> Comparison:
    """Compare two lists of reported redactions of the same recording; pieces that touch are one."""
    named = joined(offline)
    same = named & joined(live)
    differences: list[Difference] = []
    for leg in sorted({span.leg for span in (*live, *offline)}):
        covered_live, covered_offline = (
            SpanSet(Span(s.start_ms, s.end_ms) for s in spans if s.leg == leg) for spans in (live, offline)
        )
        late = SpanSet(Span(s.start_ms, s.end_ms) for s in live if s.leg == leg and s.late)
        for stretch in _only_in(covered_live, covered_offline):
            for piece in late.within(stretch):
                differences.append(Difference(leg, piece.start, piece.end, only_live=True, forced=True))
            for piece in late.gaps(stretch):
                differences.append(Difference(leg, piece.start, piece.end, only_live=True, forced=False))
        for stretch in _only_in(covered_offline, covered_live):
            differences.append(Difference(leg, stretch.start, stretch.end, only_live=False, forced=False))
    differences.sort(key=lambda difference: (difference.leg, difference.start_ms))
    return Comparison(len(named), len(same), tuple(differences))


def _only_in(covered: SpanSet, other: SpanSet) -> Iterable[Span]:
    return [gap for span in covered for gap in other.gaps(span)]
