"""Recordings that another system redacted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soxr

from gateway.errors import MediaError, OptionError
from gateway.evaluation.foreign import find_outputs, foreign_output
from gateway.evaluation.labels import Samples
from gateway.evaluation.leaks import compare
from gateway.files.wavwriter import writing_wav
from tests.evaluation.scripted_clip import CLIP, RATE, TURN, samples


def wav(path: Path, audio: Samples, rate: int = RATE) -> str:
    with writing_wav(path, rate, audio.shape[1]) as writer:
        writer.write(audio)
    return str(path)


def speech() -> Samples:
    """Like speech in that little of it is above 2 kHz."""
    smooth = np.convolve(samples()[:, 0].astype(float), np.ones(6) / 3, "same")
    return smooth.astype(np.int16)[:, None]


def test_an_output_as_it_is(tmp_path: Path) -> None:
    output = foreign_output(wav(tmp_path / "x.wav", samples()), CLIP, samples())
    np.testing.assert_array_equal(output, samples())


def test_an_output_at_another_rate_still_leaks(tmp_path: Path) -> None:
    wide = soxr.resample(speech(), RATE, 16_000)
    output = foreign_output(wav(tmp_path / "x.wav", wide, 16_000), CLIP, speech())
    assert output is not None
    frames = compare([TURN], RATE, speech(), output)
    assert np.mean(frames.covered[frames.active]) < 0.02


@pytest.mark.parametrize("missing", [300, -300])
def test_a_little_too_short_or_too_long(tmp_path: Path, missing: int) -> None:
    quiet = np.zeros((len(samples()) - missing, 1), dtype=np.int16)
    output = foreign_output(wav(tmp_path / "x.wav", quiet), CLIP, samples())
    assert output is not None
    assert output.shape == samples().shape
    np.testing.assert_array_equal(output[len(quiet) :], samples()[len(quiet) :])


@pytest.mark.parametrize("audio", [samples()[:-500], np.hstack([samples(), samples()])], ids=["short", "stereo"])
def test_what_does_not_fit_is_no_output(tmp_path: Path, audio: Samples) -> None:
    assert foreign_output(wav(tmp_path / "x.wav", audio), CLIP, samples()) is None


def test_files_are_found_by_the_clips_names(tmp_path: Path) -> None:
    file = tmp_path / "x.flac"
    file.touch()
    (tmp_path / "y.wav").touch()
    assert find_outputs(tmp_path, [CLIP]) == {"x": str(file)}
    assert find_outputs(tmp_path / "y.wav", [CLIP]) == {"x": str(tmp_path / "y.wav")}


def test_errors_teach(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file or folder"):
        find_outputs(tmp_path / "nothing", [CLIP])
    with pytest.raises(MediaError, match="such as x.wav"):
        find_outputs(tmp_path, [CLIP])
    (tmp_path / "y.wav").touch()
    with pytest.raises(OptionError, match="--clip NAME"):
        find_outputs(tmp_path / "y.wav", [CLIP, CLIP])
