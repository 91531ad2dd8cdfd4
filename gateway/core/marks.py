"""From findings, which are about words, to marks, which are about samples."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.decisions import Mark
from gateway.core.delayline import DelayLine
from gateway.core.detection import Finding
from gateway.core.transcript import LegTranscript
from gateway.media.timeline import Span, samples_of

PAD_BEFORE_MS = 120
PAD_AFTER_MS = 120


def marks_of(findings: Iterable[Finding], transcript: LegTranscript, line: DelayLine, rate: int) -> list[Mark]:
    """The padded spans of `findings`, whose tokens are the transcript's kept words."""
    words = transcript.words
    marks: list[Mark] = []
    for finding in findings:
        span = Span(words[finding.first].span.start, words[finding.end - 1].span.end)
        marks.append(Mark(finding.policy, _padded(span, transcript, rate)))
    return marks


def open_span(open_from: int | None, transcript: LegTranscript, rate: int) -> Span:
    """The words that may still become a finding, padded; empty when no candidate is open.

    The silence after the last word is not part of it: whatever is said next has a decision of its own.
    """
    words = transcript.words
    if open_from is None or open_from >= len(words):
        return Span(transcript.stable_until, transcript.stable_until)
    return _padded(Span(words[open_from].span.start, words[-1].span.end), transcript, rate)


def _padded(span: Span, transcript: LegTranscript, rate: int) -> Span:
    start = max(0, span.start - samples_of(PAD_BEFORE_MS, rate))
    end = min(transcript.heard_until, span.end + samples_of(PAD_AFTER_MS, rate))
    return Span(start, max(end, span.end))
