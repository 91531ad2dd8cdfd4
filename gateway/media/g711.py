"""The tables of ITU-T G.711: mu-law and A-law codes to PCM16 and back.

A code is a sign bit, three bits of segment and four bits of step within the segment, sent with some bits inverted (all
of them in mu-law, every other one in A-law). The laws are defined on 14 bits (mu-law) and 13 bits (A-law); the values
here are scaled to 16. Mu-law's largest magnitude is 32124, A-law's 32256. Every code comes back from a round trip but
mu-law 0x7F, minus zero: it decodes to 0, which encodes to 0xFF.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGN: Final = 0x80
_MU_INVERTED: Final = 0xFF
_A_INVERTED: Final = 0x55
_MU_BIAS: Final = 33 << 2
"""What mu-law adds to a magnitude so that every segment is twice the one before; 33 at 14 bits."""


def _mu_magnitudes() -> NDArray[np.int32]:
    """The 128 magnitudes of mu-law at 16 bits, ascending."""
    code = np.arange(128)
    return ((((code & 15) << 3) + _MU_BIAS) << (code >> 4)).astype(np.int32) - _MU_BIAS


def _a_magnitudes() -> NDArray[np.int32]:
    """The 128 magnitudes of A-law at 16 bits, ascending: the first two segments have the same step."""
    code = np.arange(128)
    segment, step = code >> 4, ((code & 15) << 4) + 8
    return np.where(segment == 0, step, (step + 256) << np.maximum(segment - 1, 0)).astype(np.int32)


def _decoding(magnitudes: NDArray[np.int32], inverted: int, positive_when_set: bool) -> NDArray[np.int16]:
    """256 PCM16 values, indexed by code."""
    code = np.arange(256) ^ inverted
    positive = ((code & _SIGN) != 0) == positive_when_set
    magnitude = magnitudes[code & 0x7F]
    table: NDArray[np.int16] = np.where(positive, magnitude, -magnitude).astype(np.int16)
    return table


def _encoding(magnitudes: NDArray[np.int32], inverted: int, positive_when_set: bool) -> NDArray[np.uint8]:
    """65536 codes, indexed by the sample's bits as an unsigned number.

    A sample is cut to 14 bits (rounded down) and gets the nearest magnitude; half way, the larger one.
    """
    bits = np.arange(1 << 16, dtype=np.uint16)
    sample = bits.view(np.int16).astype(np.int32) >> 2
    half_way = (magnitudes[:-1] + magnitudes[1:] + 4) >> 3
    code = np.searchsorted(half_way, np.abs(sample), side="right")
    table: NDArray[np.uint8] = ((code + _SIGN * ((sample >= 0) == positive_when_set)) ^ inverted).astype(np.uint8)
    return table


MULAW_TO_PCM: Final = _decoding(_mu_magnitudes(), _MU_INVERTED, positive_when_set=False)
"""PCM16, indexed by mu-law code."""
ALAW_TO_PCM: Final = _decoding(_a_magnitudes(), _A_INVERTED, positive_when_set=True)
"""PCM16, indexed by A-law code."""
PCM_TO_MULAW: Final = _encoding(_mu_magnitudes(), _MU_INVERTED, positive_when_set=False)
"""Mu-law codes, indexed by PCM16 viewed as uint16."""
PCM_TO_ALAW: Final = _encoding(_a_magnitudes(), _A_INVERTED, positive_when_set=True)
"""A-law codes, indexed by PCM16 viewed as uint16."""

for _table in (MULAW_TO_PCM, ALAW_TO_PCM, PCM_TO_MULAW, PCM_TO_ALAW):
    _table.setflags(write=False)
