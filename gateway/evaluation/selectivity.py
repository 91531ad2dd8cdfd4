"""One policy at a time: what each covers of its own labels, of those of others, and of other speech.

With every policy switched on, a wrong name for what was found costs nothing; here it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gateway.core.policy import Policy, reported_as
from gateway.evaluation.figures import CoveredSpan, share
from gateway.evaluation.labels import LabelledSpan, LabelledTurn
from gateway.evaluation.leaks import Frames, Mask, duration_ms, frames_of
from gateway.evaluation.read_backs import unlabelled_words


@dataclass(slots=True)
class Covered:
    """Milliseconds of active speech, and how many of them were covered."""

    speech_ms: int = 0
    covered_ms: int = 0

    def add(self, other: Covered) -> None:
        """Count `other` in."""
        self.speech_ms += other.speech_ms
        self.covered_ms += other.covered_ms

    @property
    def share(self) -> float | None:
        """Covered share, 0..1; None without speech."""
        return share(self.covered_ms, self.speech_ms)

    @classmethod
    def of(cls, mask: Mask, frames: Frames) -> Covered:
        """Of the frames in `mask`, [legs, frames]."""
        active = mask & frames.active
        return cls(duration_ms(active), duration_ms(active & frames.covered))


@dataclass(slots=True)
class Selectivity:
    """What one policy alone covers.

    `own`: its labels, and those of narrower kinds. `labels`: those of every policy. `others`: words with labels of
    other policies only, without those that it may rightly cover too (a number sequence, a number with another name);
    `others_late_ms` of it was covered because it was undecided at its deadline.
    """

    own: Covered = field(default_factory=Covered)
    others: Covered = field(default_factory=Covered)
    others_late_ms: int = 0
    other_speech: Covered = field(default_factory=Covered)
    labels: dict[Policy, Covered] = field(default_factory=dict)

    def add(self, other: Selectivity) -> None:
        """Count `other` in."""
        self.own.add(other.own)
        self.others.add(other.others)
        self.others_late_ms += other.others_late_ms
        self.other_speech.add(other.other_speech)
        for policy, covered in other.labels.items():
            self.labels.setdefault(policy, Covered()).add(covered)

    def row(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "own_covered_share": self.own.share,
            "others_covered_share": self.others.share,
            "others_late_share": share(self.others_late_ms, self.others.speech_ms),
            "other_speech_covered_share": self.other_speech.share,
            "own_covered_ms": self.own.covered_ms,
            "others_covered_ms": self.others.covered_ms,
            "other_speech_covered_ms": self.other_speech.covered_ms,
            "labels": {policy.value: covered.share for policy, covered in sorted(self.labels.items())},
        }


def selectivity_of(
    policy: Policy, turns: Sequence[LabelledTurn], frames: Frames, redactions: Iterable[CoveredSpan]
) -> Selectivity:
    """Judge a run with `policy` alone by what left, and by what was reported as undecided."""
    chosen = frozenset({policy})
    own, rightly, any_label = (np.zeros_like(frames.active) for _ in range(3))
    by_label: dict[Policy, Mask] = {}
    for turn in turns:
        for span in turn.spans:
            _mark(any_label, turn, span)
            its_own = reported_as(span.policy, chosen) is not None
            if its_own or span.optional or policy in span.also:
                _mark(rightly, turn, span)
            if not span.optional:
                _mark(by_label.setdefault(span.policy, np.zeros_like(frames.active)), turn, span)
                if its_own:
                    _mark(own, turn, span)
    ordinary = np.zeros_like(frames.active)
    unlabelled = unlabelled_words(turns)
    for leg, word in unlabelled.ordinary:
        ordinary[leg, frames_of(word.start_ms, word.end_ms)] = True
    late = np.zeros_like(frames.active)
    for redaction in redactions:
        if redaction.late:
            late[redaction.leg, frames_of(redaction.start_ms, redaction.end_ms)] = True
    others = any_label & ~rightly
    return Selectivity(
        own=Covered.of(own, frames),
        others=Covered.of(others, frames),
        others_late_ms=Covered.of(others & late, frames).covered_ms,
        other_speech=Covered.of(ordinary & ~any_label, frames),
        labels={label: Covered.of(mask, frames) for label, mask in by_label.items()},
    )


def _mark(mask: Mask, turn: LabelledTurn, span: LabelledSpan) -> None:
    for word in turn.words[span.first : span.end]:
        mask[turn.leg, frames_of(word.start_ms, word.end_ms)] = True
