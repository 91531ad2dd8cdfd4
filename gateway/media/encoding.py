"""How samples are written on the wire, and channels taken apart and put together.

The wire bytes are the original: PCM16 is only a view of them, made to listen to. What nobody redacts is never encoded
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gateway.media import g711


class Encoding(StrEnum):
    """A wire encoding: 16-bit linear, little endian, or one of the two laws of ITU-T G.711."""

    PCM_S16LE = "pcm_s16le"
    MULAW = "mulaw"
    ALAW = "alaw"

    @property
    def bytes_per_sample(self) -> int:
        """The size of one sample of one channel."""
        return 2 if self is Encoding.PCM_S16LE else 1


def decode(data: bytes | memoryview, encoding: Encoding) -> NDArray[np.int16]:
    """Wire bytes of one channel to PCM16, shape [samples]. Raises ValueError for half a sample.

    The answer may be a read-only view of `data`.
    """
    match encoding:
        case Encoding.PCM_S16LE:
            return np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False)
        case Encoding.MULAW:
            return g711.MULAW_TO_PCM[np.frombuffer(data, dtype=np.uint8)]
        case Encoding.ALAW:
            return g711.ALAW_TO_PCM[np.frombuffer(data, dtype=np.uint8)]


def encode(samples: NDArray[np.int16], encoding: Encoding) -> bytes:
    """PCM16, shape [samples], to wire bytes. G.711 takes the nearest code, which loses precision."""
    match encoding:
        case Encoding.PCM_S16LE:
            return samples.astype("<i2", copy=False).tobytes()
        case Encoding.MULAW:
            return g711.PCM_TO_MULAW[samples.astype(np.uint16)].tobytes()
        case Encoding.ALAW:
            return g711.PCM_TO_ALAW[samples.astype(np.uint16)].tobytes()


def deinterleave(data: bytes | memoryview, encoding: Encoding, channels: int) -> tuple[bytes, ...]:
    """Wire bytes of `channels` channels, sample by sample in turn, to the wire bytes of each.

    Raises ValueError when `data` is not a whole number of samples of every channel.
    """
    if channels == 1 and len(data) % encoding.bytes_per_sample == 0:
        return (bytes(data),)
    frames = np.frombuffer(data, dtype=_cell(encoding)).reshape(-1, channels)
    return tuple(frames[:, channel].tobytes() for channel in range(channels))


def interleave(parts: Sequence[bytes | memoryview], encoding: Encoding) -> bytes:
    """The wire bytes of each channel to those of all, sample by sample in turn.

    Raises ValueError when the parts are not equally long or hold half a sample.
    """
    cell = _cell(encoding)
    if len(parts) == 1:
        return np.frombuffer(parts[0], dtype=cell).tobytes()
    whole = np.empty((len(parts[0]) // cell.itemsize, len(parts)), dtype=cell)
    for channel, part in enumerate(parts):
        if len(part) != len(parts[0]):
            raise ValueError("the parts are not equally long")
        whole[:, channel] = np.frombuffer(part, dtype=cell)
    return whole.tobytes()


_CELLS: dict[int, np.dtype[np.uint8] | np.dtype[np.uint16]] = {1: np.dtype(np.uint8), 2: np.dtype(np.uint16)}


def _cell(encoding: Encoding) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
    """A type as wide as one sample; only moved, never read as a number."""
    return _CELLS[encoding.bytes_per_sample]
