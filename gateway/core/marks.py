"""From findings, which are about words, to marks, which are about samples."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.core.decisions import Mark
from gateway.core.delayline import DelayLine
from gateway.core.detection import Finding
from gateway.core.transcript import LegTranscript
from gateway.media.timeline import MediaTime, Span, samples_of

PAD_BEFORE_MS = 120
PAD_AFTER_MS = 120


def marks_of(findings: Iterable[Finding], transcript: LegTranscript, line: DelayLine, rate: int) -> list[Mark]:
    """The padded spans of `findings`, whose tokens are the transcript's kept words."""
    words = transcript.words
    marks: list[Mark] = []
    for finding in findings:
        span = Span(words[finding.first].span.start, words[finding.end - 1].span.end)
        start = max(0, span.start - samples_of(PAD_BEFORE_MS, rate))
        end = min(transcript.heard_until, span.end + samples_of(PAD_AFTER_MS, rate))
        marks.append(Mark(finding.policy, Span(start, max(end, span.end))))
    return marks


def cleared_until(open_from: int | None, transcript: LegTranscript, rate: int) -> MediaTime:
    """Before it nothing can become a finding any more: the words are stable, and no candidate is open."""
    words = transcript.words
    if open_from is None or open_from >= len(words):
        return transcript.stable_until
    start = words[open_from].span.start - samples_of(PAD_BEFORE_MS, rate)
    if open_from > 0:
        start = max(start, words[open_from - 1].span.end)
    return min(transcript.stable_until, start)
