"""Why labelled speech leaked, and how much of what was understood is covered.

Every leaked millisecond of a labelled word has one cause, looked for in this order:

*edge*: the word is covered, but for an edge of it: more than half of it is, or of the word that was recognised for it.
*not recognised*: no recognised word at its place is the word.
*too late*: the recognised word is found, within ten seconds, but it left before.
*not detected*: nothing ever finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gateway.core.detection import Detector
from gateway.core.policy import Policy
from gateway.core.strength import Strengths
from gateway.core.transcript import CONTEXT_MS, LegTranscript
from gateway.evaluation.audio_scoring import asked_spans
from gateway.evaluation.caption_scoring import ShownWord
from gateway.evaluation.figures import CoveredSpan, share
from gateway.evaluation.labels import LabelledTurn
from gateway.evaluation.leaks import Frames
from gateway.evaluation.recognition import matches
from gateway.evaluation.recording import Recording
from gateway.media.timeline import Span, SpanSet, ms_ceil, ms_floor, samples_of

HINDSIGHT_MS = 10_000
"""What is found so long after it was said counts as found too late; still later, as never found."""


@dataclass(slots=True)
class Causes:
    """Milliseconds of labelled, active speech.

    `recognised_ms` and `recognised_covered_ms` are of words that the recogniser understood; the other four add up to
    what leaked.
    """

    speech_ms: int = 0
    recognised_ms: int = 0
    recognised_covered_ms: int = 0
    edge_ms: int = 0
    not_recognised_ms: int = 0
    too_late_ms: int = 0
    not_detected_ms: int = 0

    def add(self, other: Causes) -> None:
        """Count `other` in."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def row(self) -> dict[str, Any]:
        """As a JSON object, with shares."""
        return asdict(self) | {
            "recognised_share": share(self.recognised_ms, self.speech_ms),
            "recognised_covered_share": share(self.recognised_covered_ms, self.recognised_ms),
        }


@dataclass(slots=True)
class CausesByPolicy:
    """`total` counts each word once, however many policies label it."""

    total: Causes = field(default_factory=Causes)
    by_policy: dict[Policy, Causes] = field(default_factory=dict)

    def add(self, other: CausesByPolicy) -> None:
        """Count `other` in."""
        self.total.add(other.total)
        for policy, causes in other.by_policy.items():
            self.by_policy.setdefault(policy, Causes()).add(causes)


def causes_of(
    turns: Sequence[LabelledTurn],
    policies: frozenset[Policy],
    frames: Frames,
    heard: Sequence[Sequence[ShownWord]],
    redactions: Iterable[CoveredSpan],
    found: Sequence[SpanSet],
) -> CausesByPolicy:
    """Look into every labelled word. `heard` and `found` (see `findable`) are those of each leg."""
    covered = [SpanSet() for _ in heard]
    for span in redactions:
        covered[span.leg].add(Span(span.start_ms, span.end_ms))
    result = CausesByPolicy()
    for turn in turns:
        counted: set[int] = set()
        for label in asked_spans(turn, policies):
            of_policy = result.by_policy.setdefault(label.policy, Causes())
            for index in range(label.first, label.end):
                word = turn.words[index]
                speech, safe = frames.counts(turn.leg, [word])
                seen = [Span(one.start_ms, one.end_ms) for one in matches(word, heard[turn.leg])]
                causes = Causes(speech_ms=speech)
                if seen:
                    causes.recognised_ms, causes.recognised_covered_ms = speech, safe
                leaked = speech - safe
                if 2 * safe > speech or _mostly_in(seen, covered[turn.leg]):
                    causes.edge_ms = leaked
                elif not seen:
                    causes.not_recognised_ms = leaked
                elif _mostly_in(seen, found[turn.leg]):
                    causes.too_late_ms = leaked
                else:
                    causes.not_detected_ms = leaked
                of_policy.add(causes)
                if index not in counted:
                    counted.add(index)
                    result.total.add(causes)
    return result


def findable(recording: Recording, detector: Detector, strengths: Strengths) -> list[SpanSet]:
    """What is found in each leg when nothing is too late, in milliseconds: all that is found at any step."""
    rate = recording.sample_rate
    legs = [LegTranscript(rate) for _ in recording.steps[0].hypotheses] if recording.steps else []
    found = [SpanSet() for _ in legs]
    for step in recording.steps:
        for leg, hypothesis in zip(legs, step.hypotheses, strict=True):
            leg.receive(hypothesis)
        for leg, spans in zip(legs, found, strict=True):
            others = [other for other in legs if other is not leg]
            seen = step.span.end - samples_of(HINDSIGHT_MS, rate)
            old = leg.first + sum(word.span.end <= seen for word in leg.words)
            utterance = leg.utterance(others, old, ended=step.final)
            for finding in detector.detect(utterance).findings:
                if strengths.covers(finding):
                    words = leg.words[finding.first : finding.end]
                    spans.add(Span(ms_floor(words[0].span.start, rate), ms_ceil(words[-1].span.end, rate)))
        for leg in legs:
            leg.forget(max(0, step.span.end - samples_of(CONTEXT_MS, rate)))
    return found


def _mostly_in(spans: Iterable[Span], covered: SpanSet) -> bool:
    return any(2 * sum(map(len, covered.within(span))) > len(span) for span in spans)
