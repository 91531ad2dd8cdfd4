"""The number head: hears digits, other numbers and spelled letters in the encoder's frames, without the decoder.

Where the decoder writes words that merely sound like a number, the head still knows; its times are exact to a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from gateway.asr.moonshine.encoder import Floats
from gateway.asr.moonshine.graph import session_options
from gateway.errors import EngineError

COUNTED: Final = "0123456789NML"
"""The classes that make a sound: a digit, N another number word, M "double" or "triple", L a spelled letter."""
CLASSES: Final = (*COUNTED, "speech", "silence")
SPEECH: Final = CLASSES.index("speech")
SILENCE: Final = CLASSES.index("silence")
WEIGHTS: Final = Path(__file__).parents[2] / "data" / "number_head.onnx"

BEGIN: Final = 0.7
"""So probable must a counted class be somewhere in a sound ..."""
KEEP: Final = 0.4
"""... and so probable in all of it."""
MIN_FRAMES: Final = 4
"""A shorter sound (96 ms) is none: no digit is said so fast."""
MIN_PART_FRAMES: Final = 4
"""A shorter part of a sound, in which another class is likelier, belongs to its longer neighbour."""
SPLIT: Final = 0.5
"""So probable must a beginning be to part two sounds of one class."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One number or letter heard: a character of COUNTED, and the encoder frames `first` up to before `end`.

    `confidence`: the mean probability, over its frames, that something counted is heard.
    """

    label: str
    first: int
    end: int
    confidence: float


class NumberHead:
    """The trained classifier."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Raises EngineError when the file is missing or no such classifier."""
        if not weights.is_file():
            raise EngineError(f"the number head is missing: {weights.name}")
        self._session = ort.InferenceSession(str(weights), session_options(), providers=["CPUExecutionProvider"])
        (output,) = self._session.get_outputs()
        if output.shape[-1] != len(CLASSES) + 1:
            raise EngineError(f"the number head {weights.name} tells other classes apart: train it again")

    def probabilities(self, hidden: Floats) -> Floats:
        """Encoder frames [frames, 288] to probabilities [frames, len(CLASSES) + 1].

        The last column is the probability that a counted word begins there; the others add up to 1.
        """
        (result,) = self._session.run(None, {"hidden": hidden})
        probabilities: Floats = result
        return probabilities


def sounds_in(probabilities: Floats) -> list[Sound]:
    """The sounds of a window, in order, none overlapping.

    Hysteresis; then cut where the likeliest class changes, and where another word of the same class begins.
    """
    if not len(probabilities):
        return []
    smooth = _smoothed(probabilities[:, : len(COUNTED)])
    counted = smooth.sum(axis=1)
    labels = smooth.argmax(axis=1)
    sounds: list[Sound] = []
    for first, end in _runs(counted >= KEEP):
        if end - first < MIN_FRAMES or counted[first:end].max() < BEGIN:
            continue
        for begin, until in _parts(labels[first:end], probabilities[first:end, -1]):
            label = COUNTED[int(smooth[first + begin : first + until].sum(axis=0).argmax())]
            confidence = min(1.0, float(counted[first + begin : first + until].mean()))
            sounds.append(Sound(label, first + begin, first + until, confidence))
    return sounds


def _smoothed(probabilities: Floats) -> Floats:
    """Each frame averaged with its two neighbours."""
    padded = np.concatenate([probabilities[:1], probabilities, probabilities[-1:]])
    smooth: Floats = (padded[:-2] + padded[1:-1] + padded[2:]) / np.float32(3.0)
    return smooth


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    for first, end in edges.reshape(-1, 2):
        yield int(first), int(end)


def _parts(labels: NDArray[np.int64], begins: Floats) -> Iterator[tuple[int, int]]:
    for first, end in _of_one_class(labels):
        cut = first
        for position in _beginnings(begins[first:end]):
            yield cut, first + position
            cut = first + position
        yield cut, end


def _beginnings(begins: Floats) -> list[int]:
    """Frames inside a stretch where another word begins: the clearest first, none too close to another or an edge."""
    found: list[int] = []
    for position in np.argsort(-begins, kind="stable"):
        if begins[position] < SPLIT:
            break
        edges = (0, len(begins), *found)
        if all(abs(int(position) - edge) >= MIN_FRAMES for edge in edges):
            found.append(int(position))
    return sorted(found)


def _of_one_class(labels: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Stretches of one class; one that is too short is taken in by its neighbours, the shortest first."""
    cuts = [0, *(int(cut) + 1 for cut in np.flatnonzero(np.diff(labels))), len(labels)]
    names = [int(labels[cut]) for cut in cuts[:-1]]
    while len(names) > 1:
        lengths = np.diff(cuts)
        short = int(lengths.argmin())
        if lengths[short] >= MIN_PART_FRAMES:
            break
        if 0 < short < len(names) - 1 and names[short - 1] == names[short + 1]:
            del cuts[short : short + 2], names[short : short + 2]
        elif short and (short == len(names) - 1 or lengths[short - 1] >= lengths[short + 1]):
            del cuts[short], names[short]
        else:
            del cuts[short + 1], names[short]
    return list(pairwise(cuts))
