"""What of a redacted call is worth a person's look, the most urgent first. Times and policies, no content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.core.events import Verdict
from gateway.files.result import NearMissRow, RedactionResult, RedactionRow

DEFAULT_BELOW: Final = 0.6
"""Redactions less sure than this are looked at, when nothing else is asked for."""


class Kind(StrEnum):
    """Why something is to be looked at."""

    NEAR_MISS = "near_miss"
    LOW_CONFIDENCE = "low_confidence"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A stretch of a leg, in milliseconds from the first sample. `policy` is None, and `confidence` 0, if undecided.

    `also` are the other policies that a near miss may be of, the most probable first.
    """

    kind: Kind
    leg: int
    policy: str | None
    start_ms: int
    end_ms: int
    confidence: float
    also: tuple[str, ...] = ()


def items_of(result: RedactionResult, below: float = DEFAULT_BELOW) -> list[ReviewItem]:
    """What is worth a look, in order of priority.

    First what left clear and may be personal, the most probable first: nothing else here can have leaked. Then
    redactions with a confidence less than `below`, the least sure first. Then what was covered undecided, longest
    first. A near miss that was covered after all is left out. Those of a leg that overlap are one,
    as a person hears them at once; so are those of a policy that touch. Raises ValueError when `below` is not within
    0..1.
    """
    if not 0 <= below <= 1:
        raise ValueError(f"below is 0..1, not {below}")
    items = [*_near_misses(result), *_redactions(result.redactions, below)]
    return sorted(items, key=_priority)


def _near_misses(result: RedactionResult) -> Iterator[ReviewItem]:
    group: list[NearMissRow] = []
    end_ms = 0
    for row in sorted(result.near_misses, key=lambda row: (row.leg, row.start_ms, row.end_ms)):
        if _is_covered(row, result.redactions):
            continue
        touches = row.start_ms == end_ms and row.policy in {one.policy for one in group}
        if group and (row.leg != group[0].leg or not (row.start_ms < end_ms or touches)):
            yield _one_item(group)
            group = []
        end_ms = max(end_ms, row.end_ms) if group else row.end_ms
        group.append(row)
    if group:
        yield _one_item(group)


def _one_item(rows: Sequence[NearMissRow]) -> ReviewItem:
    """What is heard at once, under the policy that it most probably is of."""
    confidences: dict[str, float] = {}
    for row in rows:
        confidences[row.policy] = max(confidences.get(row.policy, 0.0), row.confidence)
    policy, *also = sorted(confidences, key=lambda policy: (-confidences[policy], policy))
    start_ms, end_ms = rows[0].start_ms, max(row.end_ms for row in rows)
    return ReviewItem(Kind.NEAR_MISS, rows[0].leg, policy, start_ms, end_ms, confidences[policy], tuple(also))


def _is_covered(row: NearMissRow, redactions: Iterable[RedactionRow]) -> bool:
    """Whether nothing of it was audible."""
    clear_from = row.start_ms
    for redaction in sorted(redactions, key=lambda redaction: redaction.start_ms):
        if redaction.leg == row.leg and redaction.start_ms <= clear_from:
            clear_from = max(clear_from, redaction.end_ms)
    return clear_from >= row.end_ms


def _redactions(rows: Iterable[RedactionRow], below: float) -> Iterator[ReviewItem]:
    for row in rows:
        if row.verdict is Verdict.COVERED_LATE:
            yield ReviewItem(Kind.UNDECIDED, row.leg, None, row.start_ms, row.end_ms, 0.0)
        elif row.confidence < below:
            yield ReviewItem(Kind.LOW_CONFIDENCE, row.leg, row.policy, row.start_ms, row.end_ms, row.confidence)


def _priority(item: ReviewItem) -> tuple[int, float, int, int, str]:
    within = {
        Kind.NEAR_MISS: -item.confidence,
        Kind.LOW_CONFIDENCE: item.confidence,
        Kind.UNDECIDED: float(item.start_ms - item.end_ms),
    }
    return list(Kind).index(item.kind), within[item.kind], item.start_ms, item.leg, item.policy or ""
