"""What a head hears in windows it was not trained on, through the smoothing that the engine uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gateway.asr.moonshine.number_head import CLASSES, COUNTED, SPEECH, NumberHead, sounds_in
from models.number_head.frames import Window

EDGE_FRAMES = 4
"""A word that ends so close (96 ms) to the end of its window is not judged: the engine hears it again."""


@dataclass(slots=True)
class Score:
    """Counts of words by what was said, and frames of other speech."""

    digits: int = 0
    digits_heard: int = 0
    digits_named: int = 0
    numbers: int = 0
    numbers_heard: int = 0
    letters: int = 0
    letters_heard: int = 0
    words: int = 0
    sounds: int = 0
    speech_frames: int = 0
    false_frames: int = 0
    false_digit_frames: int = 0

    def row(self) -> dict[str, float | int]:
        """Shares in percent, and what they are shares of."""

        def share(part: int, whole: int) -> float:
            return round(100 * part / whole, 2) if whole else float("nan")

        return {
            "digits": self.digits,
            "digits heard %": share(self.digits_heard, self.digits),
            "named right %": share(self.digits_named, self.digits),
            "numbers": self.numbers,
            "numbers heard %": share(self.numbers_heard, self.numbers),
            "letters": self.letters,
            "letters heard %": share(self.letters_heard, self.letters),
            "sounds per word": round(self.sounds / self.words, 2) if self.words else float("nan"),
            "speech s": round(self.speech_frames * 0.024),
            "false frames %": share(self.false_frames, self.speech_frames),
            "of it digits %": share(self.false_digit_frames, self.speech_frames),
        }


def evaluate(head: NumberHead, windows: Sequence[Window]) -> dict[tuple[str, str], Score]:
    """Scores by source and speaker."""
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    for window in windows:
        if not window.varied:
            _judge(window, head, scores[window.source, window.speaker])
    return dict(scores)


def total(scores: Sequence[Score]) -> Score:
    """The sum."""
    return Score(*(sum(getattr(score, name) for score in scores) for name in Score.__slots__))


def _judge(window: Window, head: NumberHead, score: Score) -> None:
    sounds = sounds_in(head.probabilities(window.hidden.astype(np.float32)))
    heard = np.full(len(window.labels), -1)
    for sound in sounds:
        heard[sound.first : sound.end] = COUNTED.index(sound.label)
    for first, end, label in window.words:
        if label < 0 or label >= len(COUNTED) or end > len(window.labels) - EDGE_FRAMES:
            continue
        inside = heard[first:end]
        found = int((inside >= 0).sum()) * 4 >= end - first
        kind = CLASSES[label]
        if kind in "0123456789":
            score.digits += 1
            score.digits_heard += found
            score.digits_named += bool((inside == label).any())
        elif kind == "L":
            score.letters += 1
            score.letters_heard += found
        else:
            score.numbers += 1
            score.numbers_heard += found
    counted = [(first, end) for first, end, label in window.words if 0 <= label < len(COUNTED)]
    score.words += len(counted)
    middles = [(sound.first + sound.end) / 2 for sound in sounds]
    score.sounds += sum(any(first <= middle < end for first, end in counted) for middle in middles)
    other = window.labels == SPEECH
    score.speech_frames += int(other.sum())
    score.false_frames += int((heard[other] >= 0).sum())
    score.false_digit_frames += int(((heard[other] >= 0) & (heard[other] < 12)).sum())
