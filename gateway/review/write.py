"""Writes what a person needs to review a redacted call: NAME.review.json and NAME.review.html beside NAME.wav."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import MediaError, OptionError
from gateway.files.result import RedactionResult
from gateway.files.transcript_files import write_text
from gateway.review.items import ReviewItem, items_of
from gateway.review.page import fields_of, page_of
from gateway.review.peaks import Peaks, peaks_of

_LENGTHS_DIFFER_MS = 50


@dataclass(frozen=True, slots=True)
class Review:
    """What was written, and what it lists."""

    json: Path
    page: Path
    items: tuple[ReviewItem, ...]


def write_review(wav: Path, result: RedactionResult, below: float) -> Review:
    """Write the review of `result`, whose redacted audio is `wav`, beside it; redactions below `below` are listed.

    Raises MediaError when the audio cannot be read or is not that of the result, or when a file cannot be written.
    """
    peaks = peaks_of(wav)
    _check_belongs(wav, peaks, result)
    items = items_of(result, below)
    text = _as_json(wav.name, result, items, below)
    written = Review(_beside(wav, "json"), _beside(wav, "html"), tuple(items))
    write_text(written.json, text)
    write_text(written.page, page_of(wav.stem, result, text, items, peaks, below))
    return written


def check_names(stems: Collection[str]) -> None:
    """Raise OptionError when the review of one output would take the place of another output."""
    for stem in stems:
        if f"{stem}.review" in stems:
            raise OptionError(
                f"--review-below: the review of {stem} would be written over the result of {stem}.review; "
                "redact them into different directories"
            )


def _beside(wav: Path, suffix: str) -> Path:
    return wav.with_name(f"{wav.stem}.review.{suffix}")


def _check_belongs(wav: Path, peaks: Peaks, result: RedactionResult) -> None:
    heard_ms = len(peaks.legs[0]) * peaks.column_ms
    if len(peaks.legs) != len(result.legs) or abs(heard_ms - result.duration_ms) > peaks.column_ms + _LENGTHS_DIFFER_MS:
        raise MediaError(
            f"{wav}: is not the audio of this result: {len(peaks.legs)} legs of {heard_ms / 1000:.1f} s, "
            f"not {len(result.legs)} of {result.duration_ms / 1000:.1f} s"
        )


def _as_json(audio: str, result: RedactionResult, items: Sequence[ReviewItem], below: float) -> str:
    """As `docs/review.schema.json` describes. ASCII, as a file name or a label may hold what is no text."""
    review = {
        "audio": audio,
        "duration_ms": result.duration_ms,
        "below": below,
        "items": [fields_of(item) for item in items],
    }
    return json.dumps(review, indent=2) + "\n"
