"""Frame-F1 and word-F1 of named entity localisation, defined as in SLUE-NEL, over all policies together.

Source: asappresearch/slue-toolkit, `slue_toolkit/eval/eval_utils_nel.py` and `baselines/nel/README.md` (SLUE phase 2).
*Frames* of 10 ms: an entity lasts from its first word's start to its last word's end, pauses included. *Words*: one
that is labelled is a hit when at least the share rho of it was predicted, one that is not labelled a false alarm when
as much of it was; rho is 0.8, as that script prints. Counts are added up over all recordings before F1 is taken.
Where this differs: optional labels, labels of policies that were not asked for, and read-backs count neither way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord
from gateway.evaluation.leaks import Mask, frames_of

RHO = 0.8


@dataclass(slots=True)
class Hits:
    """Counts of true positives, false positives and false negatives."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def add(self, other: Hits) -> None:
        """Count `other` in."""
        self.hits += other.hits
        self.false += other.false
        self.missed += other.missed

    @property
    def precision(self) -> float | None:
        """Share of what was predicted that is right; None when nothing was."""
        predicted = self.hits + self.false
        return self.hits / predicted if predicted else None

    @property
    def recall(self) -> float | None:
        """Share of what is labelled that was predicted; None when nothing is."""
        labelled = self.hits + self.missed
        return self.hits / labelled if labelled else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None when nothing is labelled and nothing was predicted."""
        either = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / either if either else None


@dataclass(slots=True)
class Localisation:
    """Both counts."""

    frames: Hits = field(default_factory=Hits)
    words: Hits = field(default_factory=Hits)

    def add(self, other: Localisation) -> None:
        """Count `other` in."""
        self.frames.add(other.frames)
        self.words.add(other.words)


def localise(
    turns: Sequence[LabelledTurn],
    asked: Sequence[Sequence[LabelledSpan]],
    ordinary: Sequence[tuple[int, LabelledWord]],
    predicted: Mask,
) -> Localisation:
    """Compare the `predicted` frames, [legs, frames], with the `asked` labels of each turn.

    `ordinary`: the unlabelled words, with their leg, that should not be predicted.
    """
    entity = np.zeros_like(predicted)
    neither = np.zeros_like(predicted)
    result = Localisation()
    for turn, spans in zip(turns, asked, strict=True):
        for span in turn.spans:
            whole = frames_of(turn.words[span.first].start_ms, turn.words[span.end - 1].end_ms)
            (entity if span in spans else neither)[turn.leg, whole] = True
        wanted = {index for span in spans for index in range(span.first, span.end)}
        for index, word in enumerate(turn.words):
            if index in wanted:
                found = _share(predicted, turn.leg, word) >= RHO
                result.words.add(Hits(hits=int(found), missed=int(not found)))
    should_not = {(leg, word.start_ms, word.end_ms) for leg, word in ordinary}
    for turn in turns:
        for word in turn.words:
            if (turn.leg, word.start_ms, word.end_ms) not in should_not:
                neither[turn.leg, frames_of(word.start_ms, word.end_ms)] = True
    for leg, word in ordinary:
        result.words.add(Hits(false=int(_share(predicted, leg, word) >= RHO)))
    result.frames = Hits(
        hits=int(np.count_nonzero(predicted & entity)),
        false=int(np.count_nonzero(predicted & ~entity & ~neither)),
        missed=int(np.count_nonzero(~predicted & entity)),
    )
    return result


def _share(predicted: Mask, leg: int, word: LabelledWord) -> float:
    inside = predicted[leg, frames_of(word.start_ms, word.end_ms)]
    return float(inside.mean()) if len(inside) else 0.0
