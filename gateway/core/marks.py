"""From findings, which are about words, to marks, which are about samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.core.decisions import Mark
from gateway.core.delayline import DelayLine
from gateway.core.detection import Finding
from gateway.core.hypothesis import Word
from gateway.core.transcript import LegTranscript
from gateway.media.quiet import REACH_MS, padded
from gateway.media.timeline import MediaTime, Span, samples_of


def marks_of(
    findings: Iterable[Finding], transcript: LegTranscript, line: DelayLine, decided_until: MediaTime, rate: int
) -> list[Mark]:
    """The spans of `findings`, whose tokens are the transcript's kept words; padded where not all is decided yet."""
    words = transcript.words
    reach = samples_of(REACH_MS, rate)
    marks: list[Mark] = []
    for finding in findings:
        span = spoken = _span(words, finding.first, finding.end)
        if spoken.end + reach > decided_until:
            span = _around(words, finding.first, finding.end, transcript.heard_until, line, rate)
        marks.append(Mark(finding.policy, spoken, span, finding.confidence))
    return marks


def open_span(open_from: int | None, transcript: LegTranscript, line: DelayLine, rate: int) -> Span:
    """The words that may still become a finding, padded; empty when no candidate is open.

    The silence after the last word is not part of it: whatever is said next has a decision of its own.
    """
    words = transcript.words
    if open_from is None or open_from >= len(words):
        return Span(transcript.stable_until, transcript.stable_until)
    return _around(words, open_from, len(words), transcript.heard_until, line, rate)


def _span(words: Sequence[Word], first: int, end: int) -> Span:
    return Span(words[first].span.start, words[end - 1].span.end)


def _around(words: Sequence[Word], first: int, end: int, heard_until: MediaTime, line: DelayLine, rate: int) -> Span:
    """`words[first:end]` with pads that end in quiet moments and do not reach past a neighbouring word.

    Looks at nothing after `heard_until`: what has come in since is no part of a decision on fixed media times.
    """
    span = _span(words, first, end)
    reach = samples_of(REACH_MS + 20, rate)
    heard = line.held.intersection(Span(max(0, span.start - reach), min(span.end + reach, heard_until)))
    before = words[first - 1].span.start if first > 0 else 0
    after = words[end].span.end if end < len(words) else heard_until
    limit = Span(min(before, span.start), max(after, span.end))
    around = padded(span, line.samples(heard), heard.start, rate, limit)
    return Span(max(0, around.start), min(around.end, max(heard_until, span.end)))
