"""The tagger's network: reads word pieces of several turns in one call, none of which changes what another one gets.

The pieces of all turns stand one after another, and every product treats them row by row, between whole numbers
(`models/tagger/export.py`). Only attention needs the turns padded to one length; what it adds for padding is zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

Probabilities: TypeAlias = NDArray[np.float32]

PIECES_TOGETHER: Final = 192
"""A call with more pieces is no cheaper for each."""
_LONGER: Final = 16
"""A call's longest turn has at most so many pieces more than its shortest: attention takes the same time for both."""
_PADDING: Final = 8
"""Lengths are padded to a multiple of this, so that attention adds up in the same order."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What the words of a turn may be.

    `kinds`: [words, labels], the probability that a word belongs to an entity of a label. `open`: [words], that the
    word's entity goes on after the last word.
    """

    kinds: Probabilities
    open: Probabilities


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network reads of a turn: [pieces] of ids and of shapes, the speaker's part from piece `speaker` on.

    `asked`: at which pieces tags are wanted; at least one.
    """

    ids: Sequence[int]
    shapes: Sequence[int]
    speaker: int
    asked: Sequence[int]


class TaggerNetwork:
    """One thread at a time."""

    def __init__(self, path: Path) -> None:
        """Raises what onnxruntime raises when the file cannot be used."""
        options = ort.SessionOptions()
        options.enable_mem_pattern = False  # it would keep a plan for every length
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def read(self, readings: Sequence[Reading]) -> list[Tags]:
        """The tags of the asked pieces of each turn; turns of about the same length share a call."""
        answers: dict[int, Tags] = {}
        for numbers in _together([len(reading.ids) for reading in readings]):
            for number, tags in zip(numbers, self._call([readings[number] for number in numbers]), strict=True):
                answers[number] = tags
        return [answers[number] for number in range(len(readings))]

    def _call(self, readings: Sequence[Reading]) -> Iterator[Tags]:
        lengths = np.array([len(reading.ids) for reading in readings])
        longest = -(-int(lengths.max()) // _PADDING) * _PADDING
        begins = np.cumsum(lengths) - lengths
        steps = np.arange(longest)
        real = steps < lengths[:, None]
        speakers = _whole(reading.speaker for reading in readings)
        places = np.where(real, begins[:, None] + steps, 0)
        # A single row would be added up in another order than several: one more is always asked.
        asked = [0, *(begin + at for begin, one in zip(begins, readings, strict=True) for at in one.asked)]
        feed = {
            "input_ids": _whole(chain.from_iterable(reading.ids for reading in readings)),
            "shapes": _whole(chain.from_iterable(reading.shapes for reading in readings)),
            "token_type_ids": (steps >= speakers[:, None])[real].astype(np.int64),
            "positions": np.broadcast_to(steps, real.shape)[real],
            "row_places": np.flatnonzero(real),
            "places": places,
            "lengths": lengths.astype(np.int32),
            "asked": np.array(asked, dtype=np.int64),
        }
        answers = self._session.run(["labels", "open"], feed)
        labels, open_at = (np.asarray(answer, dtype=np.float32)[1:] for answer in answers)
        likely = np.exp(labels - labels.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        count = likely.shape[1] // 2
        kinds = likely[:, 1 : 1 + count] + likely[:, 1 + count :]
        still_open = (1.0 / (1.0 + np.exp(-open_at))).astype(np.float32)
        ends = np.cumsum([0, *(len(reading.asked) for reading in readings)])
        for begin, end in pairwise(ends):
            yield Tags(kinds[begin:end].copy(), still_open[begin:end].copy())


def _together(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of the turns that share a call, shortest first."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    numbers: list[int] = []
    pieces = 0
    for number in order:
        length = lengths[number]
        if numbers and (pieces + length > PIECES_TOGETHER or length > lengths[numbers[0]] + _LONGER):
            yield numbers
            numbers, pieces = [], 0
        numbers.append(number)
        pieces += length
    if numbers:
        yield numbers


def _whole(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(numbers, dtype=np.int64)
