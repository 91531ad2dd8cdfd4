"""WAV files are written whole or not at all."""

from __future__ import annotations

import resource
import signal
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import MediaError
from gateway.files.atomic import replacing
from gateway.files.wavwriter import WavWriter, writing_wav
from tests.files.media_files import noise


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """As on a full disk: what would make a file larger than `size` is refused."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (11025, 2), (96000, 6)])
def test_what_was_written_is_read(tmp_path: Path, rate: int, channels: int) -> None:
    samples = noise(1000, channels)
    path = tmp_path / "a.wav"
    with writing_wav(path, rate, channels) as wav:
        for start in range(0, 1000, 300):
            wav.write(samples[start : start + 300])
        assert not path.exists()
    assert wav.samples_written == 1000
    with wave.open(str(path)) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (rate, channels, 2)
        read = np.frombuffer(reader.readframes(2000), dtype="<i2").reshape(-1, channels)
    np.testing.assert_array_equal(read, samples)
    data = path.read_bytes()
    assert struct.unpack_from("<4sI4s", data) == (b"RIFF", len(data) - 8, b"WAVE")
    assert struct.unpack_from("<4sI", data, 36) == (b"data", len(data) - 44)
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_no_sample_is_a_wav_file_too(tmp_path: Path) -> None:
    with writing_wav(tmp_path / "a.wav", 8000, 1):
        pass
    with wave.open(str(tmp_path / "a.wav")) as reader:
        assert reader.getnframes() == 0


def test_the_wrong_shape_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\[samples, 2\]"), writing_wav(tmp_path / "a.wav", 8000, 2) as wav:
        wav.write(np.zeros((10, 1), dtype=np.int16))


@pytest.mark.parametrize("error", [RuntimeError("broke off"), KeyboardInterrupt()])
def test_after_an_error_the_old_file_is_still_there(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def breaks_off() -> None:
        with writing_wav(path, 8000, 1) as wav:
            wav.write(noise(20_000))
            raise error

    with pytest.raises(type(error)):
        breaks_off()
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.wav", b"old")]


@pytest.mark.parametrize("samples", [1_000, 1_000_000], ids=["noticed at the end", "noticed on the way"])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, samples: int) -> None:
    path = tmp_path / "a.wav"
    with largest_file(500):
        message = r"a\.wav: cannot be written \(File too large\)"
        with pytest.raises(MediaError, match=message), writing_wav(path, 8000, 1) as wav:
            wav.write(noise(samples))
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [("none/a.wav", "No such file"), ("a.wav", "it is a directory"), ("a" * 300, "File name too long")],
)
def test_where_nothing_can_be_written(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(MediaError, match=message), writing_wav(tmp_path / name, 8000, 1):
        pytest.fail("must not begin")
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_more_than_a_wav_file_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with replacing(path) as file:
        wav = WavWriter(file, path, 8000, 8)
        wav.samples_written = (2**32 - 64) // 16
        wav.write(np.zeros((1, 8), dtype=np.int16))
        with pytest.raises(MediaError, match=r"a\.wav: would exceed the 4 GiB"):
            wav.write(np.zeros((1, 8), dtype=np.int16))
