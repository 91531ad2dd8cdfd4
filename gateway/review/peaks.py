"""How loud the redacted audio is over time, small enough to be drawn by a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from gateway.errors import MediaError
from gateway.files.decode import read_media
from gateway.files.picture import Waveform

MAX_COLUMNS: Final = 180_000
"""A column is 10 ms up to half an hour; of a longer call each stands for more."""
_QUIETEST: Final = 1000
"""A recording that is softer than this (of 32768) is not drawn as if it were loud."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """`legs[leg]`: a byte for each column of `column_ms` milliseconds, 0..255, of the loudest sample of the call."""

    column_ms: float
    legs: tuple[bytes, ...]


def peaks_of(wav: Path) -> Peaks:
    """The peaks of a recording. Raises MediaError when it cannot be read or is empty."""
    media = read_media(wav)
    waveform = Waveform(media.rate, media.channels)
    for block in media.blocks():
        waveform.add(block)
    if not waveform.samples:
        raise MediaError(f"{wav}: holds no audio")
    times, lowest, highest = waveform.outline(MAX_COLUMNS)
    height = np.maximum(highest.astype(np.int32), -lowest.astype(np.int32))
    scaled = np.minimum(255, height * 255 // max(int(height.max()), _QUIETEST)).astype(np.uint8)
    return Peaks(float(times[0]) * 2000, tuple(scaled[:, leg].tobytes() for leg in range(media.channels)))
