"""Writing PCM16 WAV files block by block."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.errors import MediaError
from gateway.files.atomic import OutputFile, replacing

_HEADER: Final = struct.Struct("<4sI4s 4sIHHIIHH 4sI")
_PCM: Final = 1
_MAX_DATA_BYTES: Final = 0xFFFF_FFFF - _HEADER.size
"""The sizes in a WAV file are 32 bits wide."""


class WavWriter:
    """An open WAV file, made by `writing_wav`. `samples_written` counts one channel."""

    def __init__(self, file: OutputFile, path: Path, rate: int, channels: int) -> None:
        self._file = file
        self._path = path
        self._rate = rate
        self._channels = channels
        self.samples_written = 0
        file.write(self._header())

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append PCM16 of shape [samples, channels]. Raises MediaError when the file would exceed 4 GiB."""
        if samples.ndim != 2 or samples.shape[1] != self._channels:
            raise ValueError(f"expected the shape [samples, {self._channels}], not {samples.shape}")
        self.samples_written += len(samples)
        if self._data_bytes > _MAX_DATA_BYTES:
            raise MediaError(f"{self._path}: would exceed the 4 GiB that a WAV file can hold")
        self._file.write(samples.astype("<i2", copy=False).tobytes())

    def finish(self) -> None:
        """Write the sizes into the header; until then they say that the file is empty."""
        self._file.write_over_start(self._header())

    @property
    def _data_bytes(self) -> int:
        return self.samples_written * self._channels * 2

    def _header(self) -> bytes:
        size, frame = self._data_bytes, self._channels * 2
        riff = (b"RIFF", _HEADER.size - 8 + size, b"WAVE")
        form = (b"fmt ", 16, _PCM, self._channels, self._rate, self._rate * frame, frame, 16)
        return _HEADER.pack(*riff, *form, b"data", size)


@contextmanager
def writing_wav(path: Path, rate: int, channels: int) -> Iterator[WavWriter]:
    """Write a WAV file that appears at `path`, whole, when the block ends; after an error nothing is left of it.

    Raises MediaError when it cannot be written.
    """
    with replacing(path) as file:
        writer = WavWriter(file, path, rate, channels)
        yield writer
        writer.finish()
