"""The delay line of one leg: the original wire bytes, from arrival until they have left and have been listened to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.media.encoding import Encoding, decode
from gateway.media.timeline import MediaTime, Span


class DelayLine:
    """Holds `held`, a span of wire bytes. Its owner bounds it with `drop_before`."""

    __slots__ = ("_bytes", "_encoding", "_start", "_width")

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._width = encoding.bytes_per_sample
        self._start: MediaTime = 0
        self._bytes = bytearray()

    @property
    def held(self) -> Span:
        """The span whose bytes are still here."""
        return Span(self._start, self._start + len(self._bytes) // self._width)

    def append(self, data: bytes) -> None:
        """Add bytes that follow the held ones. Raises ValueError for half a sample."""
        if len(data) % self._width:
            raise ValueError(f"{len(data)} bytes are not a whole number of {self._width}-byte samples")
        self._bytes += data

    def read(self, span: Span) -> bytes:
        """A copy of the original bytes of `span`. Raises ValueError when they are not all here."""
        held = self.held
        if span.start < held.start or span.end > held.end:
            raise ValueError(f"{span} is not within the held {held}")
        return bytes(self._bytes[(span.start - self._start) * self._width : (span.end - self._start) * self._width])

    def samples(self, span: Span) -> NDArray[np.int16]:
        """The decoded view of `span`, shape [len(span)]."""
        return decode(self.read(span), self._encoding)

    def drop_before(self, position: MediaTime) -> None:
        """Forget bytes before `position`; what was dropped stays dropped."""
        count = min(max(0, position - self._start), len(self.held))
        del self._bytes[: count * self._width]
        self._start += count
