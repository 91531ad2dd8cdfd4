"""The labelled sets by name: those beside the checkout, and the bundled sample call."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from gateway.errors import OptionError
from gateway.evaluation.labels import LABELS_SUFFIX, Clip, read_clips

CHECKOUT = Path(__file__).resolve().parents[1]
DEVSET = CHECKOUT.parent / "shared" / "devset"
SAMPLE = CHECKOUT / "gateway" / "data" / f"sample_call{LABELS_SUFFIX}"


class SetName(StrEnum):
    """The labelled sets."""

    DIGITS = "digits"
    CALLS = "calls"
    REAL = "real"
    SAMPLE = "sample"


def load_sets(names: Sequence[SetName], devset: Path = DEVSET, rate: int | None = None, prefix: str = "") -> list[Clip]:
    """The clips of the chosen sets whose name begins with `prefix`, at `rate`. Raises MediaError, OptionError."""
    clips = [
        clip if rate is None else clip.at_rate(rate)
        for name in names
        for clip in read_clips(SAMPLE if name is SetName.SAMPLE else devset / name)
        if clip.name.startswith(prefix)
    ]
    if not clips:
        raise OptionError(f"no clip of the chosen sets begins with {prefix!r}")
    return clips
