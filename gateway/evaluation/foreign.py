"""Recordings that another system redacted, made comparable with their inputs.

A file at another rate is resampled to the clip's. Where it is up to 50 ms too short or too long, it is cut, or filled
with the input: what is missing counts as leaked. Anything else that does not fit (another length, other channels) is
no output at all, and everything leaks. A constant shift in time of up to 20 ms is found by `gateway.evaluation.leaks`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr

from gateway.errors import MediaError, OptionError
from gateway.evaluation.labels import Clip, Samples
from gateway.files.decode import read_media

LENGTH_SLACK_MS = 50


def find_outputs(against: Path, clips: list[Clip]) -> dict[str, str]:
    """The file of each clip's name: `against` itself for a single clip, else files in that folder named like clips.

    Raises MediaError when there is none, OptionError for one file and several clips.
    """
    if not against.is_dir():
        if not against.exists():
            raise MediaError(f"{against}: there is no such file or folder")
        if len(clips) != 1:
            raise OptionError(f"--against: one file, but {len(clips)} clips; choose one with --clip NAME")
        return {clips[0].name: str(against)}
    names = {clip.name for clip in clips}
    found = {path.stem: str(path) for path in sorted(against.iterdir()) if path.is_file() and path.stem in names}
    if not found:
        raise MediaError(f"{against}: holds no file that is named like a clip, such as {clips[0].name}.wav")
    return found


def foreign_output(path: str | None, clip: Clip, original: Samples) -> Samples | None:
    """The file's samples in the shape of the `original`; None when there is no file or it does not fit.

    Raises MediaError for a file that is not audio.
    """
    if path is None:
        return None
    media = read_media(Path(path))
    blocks = list(media.blocks())
    output: Samples = np.concatenate(blocks) if blocks else np.zeros((0, media.channels), dtype=np.int16)
    if media.channels != clip.channels:
        return None
    if media.rate != clip.sample_rate:
        output = soxr.resample(output, media.rate, clip.sample_rate)
    missing = len(original) - len(output)
    if abs(missing) > clip.sample_rate * LENGTH_SLACK_MS // 1000:
        return None
    return np.concatenate([output, original[len(output) :]]) if missing > 0 else output[: len(original)]
