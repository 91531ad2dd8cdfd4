"""Keeps the record of a call while it goes on: redacted words and covered stretches, in whatever pieces they come."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.events import CaptionUpdated, NearMissNoted, RedactionDecided, Statistics, Verdict
from gateway.files.result import NearMissRow, RedactedLeg, RedactedWord, RedactionResult, RedactionRow, Stats
from gateway.media.timeline import ms_ceil, ms_floor


class CallRecord:
    """Collects captions and redactions of a call of `legs` legs."""

    def __init__(self, legs: int) -> None:
        self._turns: list[dict[int, tuple[RedactedWord, ...]]] = [{} for _ in range(legs)]
        self._rows: dict[tuple[int, str | None, Verdict], list[RedactionRow]] = {}
        self._near_misses: list[NearMissRow] = []

    def caption(self, leg: int, turn: int, words: Iterable[RedactedWord]) -> None:
        """The words of a turn so far; a later revision takes the place of an earlier one."""
        self._turns[leg][turn] = tuple(words)

    def redaction(self, row: RedactionRow) -> None:
        """A covered stretch; one that touches the one before it, of the same leg and policy, goes on with it."""
        rows = self._rows.setdefault((row.leg, row.policy, row.verdict), [])
        if rows and rows[-1].start_ms <= row.start_ms <= rows[-1].end_ms:
            last = rows[-1]
            end_ms, confidence = max(last.end_ms, row.end_ms), max(last.confidence, row.confidence)
            rows[-1] = RedactionRow(row.leg, row.policy, last.start_ms, end_ms, row.verdict, confidence)
        else:
            rows.append(row)

    def near_miss(self, row: NearMissRow) -> None:
        """Something that left clear and may be personal."""
        self._near_misses.append(row)

    def take(self, output: CaptionUpdated | RedactionDecided | NearMissNoted, rate: int) -> None:
        """What a session at `rate` said."""
        match output:
            case CaptionUpdated():
                words = (
                    RedactedWord(word.text, ms_floor(word.span.start, rate), ms_ceil(word.span.end, rate), word.policy)
                    for word in output.words
                )
                self.caption(output.leg, output.turn, words)
            case RedactionDecided():
                start_ms, end_ms = ms_floor(output.span.start, rate), ms_ceil(output.span.end, rate)
                confidence = round(output.confidence, 3)
                self.redaction(RedactionRow(output.leg, output.policy, start_ms, end_ms, output.verdict, confidence))
            case NearMissNoted():
                start_ms, end_ms = ms_floor(output.span.start, rate), ms_ceil(output.span.end, rate)
                confidence = round(output.confidence, 3)
                self.near_miss(NearMissRow(output.leg, output.policy, start_ms, end_ms, confidence))

    def result(self, duration_ms: int, policies: Iterable[str], stats: Stats) -> RedactionResult:
        """The whole call."""
        legs = tuple(
            RedactedLeg(leg, tuple(word for turn in sorted(turns) for word in turns[turn]))
            for leg, turns in enumerate(self._turns)
        )
        rows = sorted(
            (row for rows in self._rows.values() for row in rows),
            key=lambda row: (row.start_ms, row.leg, row.policy or "", row.end_ms),
        )
        near_misses = sorted(self._near_misses, key=lambda row: (row.start_ms, row.leg, row.policy))
        return RedactionResult(duration_ms, tuple(sorted(policies)), legs, tuple(rows), stats, tuple(near_misses))


def stats_of(statistics: Statistics) -> Stats:
    """The totals of a session without a clock, as they are written."""
    return {
        "audio_ms": statistics.audio_ms,
        "redacted_ms": statistics.redacted_ms,
        "covered_late_ms": statistics.covered_late_ms,
        "spans": statistics.spans,
        "steps": statistics.steps,
    }
