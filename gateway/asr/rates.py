"""The rates every recogniser takes: those of the wire, and those that files have."""

from __future__ import annotations

from gateway.errors import OptionError

MIN_RATE = 4_000
MAX_RATE = 384_000


def check_rate(sample_rate: int) -> None:
    """Raise OptionError unless `sample_rate` is one a recogniser takes."""
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        raise OptionError(f"sample rate is {MIN_RATE}..{MAX_RATE} Hz, not {sample_rate}")
