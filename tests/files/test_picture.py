"""The picture is made, shows what it is given, and warns of nothing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from gateway.core.events import Verdict
from gateway.core.policy import Policy
from gateway.errors import MediaError
from gateway.files.picture import Waveform, write_picture
from gateway.files.result import RedactionRow
from tests.files.media_files import noise, sound


def picture(path: Path, samples: np.ndarray, rows: list[RedactionRow], speakers: list[str] | None = None) -> np.ndarray:
    waveform = Waveform(8000, samples.shape[1])
    for start in range(0, len(samples), 777):
        waveform.add(samples[start : start + 777])
    write_picture(path, waveform, rows, speakers)
    with av.open(BytesIO(path.read_bytes())) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.slow
def test_redactions_are_drawn_in(tmp_path: Path) -> None:
    samples = sound(3, 8000, 2)
    rows = [
        RedactionRow(0, Policy.PERSON_NAME, 500, 1000, Verdict.BLEEPED),
        RedactionRow(1, None, 0, 900, Verdict.COVERED_LATE),
    ]
    plain = picture(tmp_path / "plain.png", samples, [], ["agent", "caller"])
    drawn = picture(tmp_path / "drawn.png", samples, rows, ["agent", "caller"])
    assert plain.shape[1] == drawn.shape[1] >= 1000
    for image in (plain, drawn):
        assert 0.05 < (image < 200).any(axis=2).mean() < 0.9
    red = (drawn[..., 0].astype(int) - drawn[..., 1]) > 60
    assert red.any()
    columns = np.flatnonzero(red[: drawn.shape[0] // 2].any(axis=0)) / drawn.shape[1]
    assert columns[0] > 0.06 + 0.925 * 0.5 / 3 - 0.01
    assert columns[-1] < 0.06 + 0.925 * 1.0 / 3 + 0.01
    assert not ((plain[..., 0].astype(int) - plain[..., 1]) > 60).any()


@pytest.mark.slow
@pytest.mark.parametrize(("samples", "channels"), [(1, 1), (100_000, 6)])
def test_odd_sizes(tmp_path: Path, samples: int, channels: int) -> None:
    every = [RedactionRow(0, policy, 0, 1, Verdict.BLEEPED) for policy in Policy]
    assert picture(tmp_path / "a.png", noise(samples, channels), every).size


@pytest.mark.slow
def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        picture(tmp_path / "none" / "a.png", noise(10), [])


def test_an_outline_holds_the_extremes() -> None:
    waveform = Waveform(8000, 1)
    samples = np.zeros((1050, 1), dtype=np.int16)
    samples[333], samples[1049] = -5, 9
    for start in range(0, 1050, 101):
        waveform.add(samples[start : start + 101])
    times, lowest, highest = waveform.outline(5)
    assert len(times) <= 5
    assert (lowest.min(), highest.max(), waveform.samples) == (-5, 9, 1050)
    assert highest[-1] == 9
