"""Files of all kinds come out with their own rate, channels, length and, where that is possible, samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gateway.files.decode import MediaFile, read_media
from gateway.media import g711
from tests.files.media_files import encoded, likeness, noise, riff, sound, wav16


def whole(media: MediaFile) -> np.ndarray:
    return np.concatenate(list(media.blocks()))


def pcm24(values: np.ndarray) -> bytes:
    return values.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("rate", [6000, 8000, 11025, 44100, 96000, 192000])
def test_16_bit_wav_is_exact(tmp_path: Path, rate: int, channels: int) -> None:
    samples = noise(rate // 10, channels)
    media = read_media(wav16(tmp_path / "a.wav", samples, rate))
    assert (media.rate, media.channels, media.expected_samples) == (rate, channels, len(samples))
    np.testing.assert_array_equal(whole(media), samples)
    assert (media.samples_read, media.damage) == (len(samples), [])


@pytest.mark.parametrize("suffix", ["flac", "aiff", "au", "mkv", "mov"])
@pytest.mark.parametrize("channels", [1, 2])
def test_other_16_bit_files_are_exact(tmp_path: Path, suffix: str, channels: int) -> None:
    samples = noise(5000, channels)
    codec = "flac" if suffix in ("flac", "mkv") else "pcm_s16be"
    media = read_media(encoded(tmp_path / f"a.{suffix}", samples, 16000, codec))
    np.testing.assert_array_equal(whole(media), samples)
    assert media.damage == []


@pytest.mark.parametrize(("tag", "table"), [(7, g711.MULAW_TO_PCM), (6, g711.ALAW_TO_PCM)])
def test_g711_is_exact(tmp_path: Path, tag: int, table: np.ndarray) -> None:
    codes = np.tile(np.arange(256, dtype=np.uint8), 20)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(tag, 8, 8000, 2, codes.tobytes()))
    np.testing.assert_array_equal(whole(read_media(path)), table[codes].reshape(-1, 2))


def test_8_bits_are_exact(tmp_path: Path) -> None:
    values = np.arange(256, dtype=np.uint8)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(1, 8, 8000, 1, values.tobytes()))
    np.testing.assert_array_equal(whole(read_media(path))[:, 0], (np.arange(256) - 128) * 256)


@pytest.mark.parametrize(
    ("tag", "bits", "write", "scale"),
    [
        (1, 24, pcm24, 2**8),
        (1, 32, lambda values: values.astype("<i4").tobytes(), 2**16),
        (3, 32, lambda values: (values / 2**15).astype("<f4").tobytes(), 1),
        (3, 64, lambda values: (values / 2**15).astype("<f8").tobytes(), 1),
    ],
)
def test_higher_depths_are_rounded_once(
    tmp_path: Path, tag: int, bits: int, write: Callable[[np.ndarray], bytes], scale: int
) -> None:
    exact = noise(1000)[:, 0].astype(np.int64)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(tag, bits, 16000, 1, write(exact * scale)))
    np.testing.assert_array_equal(whole(read_media(path))[:, 0], exact)
    between = np.array([100.25, 100.75, -100.25, -100.75, 32767.75]) * scale
    path.write_bytes(riff(tag, bits, 16000, 1, write(between if tag == 3 else between.astype(np.int64))))
    expected = [100, 101, -100, -101, 32767]
    got = whole(read_media(path))[:, 0]
    np.testing.assert_array_equal(got, expected)


def test_floats_are_clipped_and_what_is_no_number_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    values = np.array([1.5, -1.5, np.nan, np.inf, -np.inf, 0.5], dtype="<f4")
    path.write_bytes(riff(3, 32, 16000, 1, values.tobytes()))
    np.testing.assert_array_equal(whole(read_media(path))[:, 0], [32767, -32768, 0, 32767, -32768, 16384])


@pytest.mark.parametrize(
    ("suffix", "codec", "rate", "channels"),
    [
        ("mp3", "libmp3lame", 44100, 2),
        ("mp3", "libmp3lame", 8000, 1),
        ("ogg", "libopus", 48000, 2),
        ("webm", "libopus", 48000, 1),
        ("ogg", "vorbis", 22050, 2),
        ("m4a", "aac", 44100, 2),
        ("mp4", "aac", 16000, 6),
        ("flac", "flac", 96000, 2),
    ],
)
def test_lossy_files_sound_the_same(tmp_path: Path, suffix: str, codec: str, rate: int, channels: int) -> None:
    samples = sound(0.5, rate, channels)
    media = read_media(encoded(tmp_path / f"a.{suffix}", samples, rate, codec))
    got = whole(media)
    assert (media.rate, media.channels, media.damage) == (rate, channels, [])
    assert 0 <= len(got) - len(samples) <= 0.06 * rate
    for leg in range(channels):
        if leg == 3 and channels == 6:
            continue  # low frequencies only
        assert likeness(got[:, leg], samples[:, leg]) > (0.5 if codec == "vorbis" else 0.9), (
            "libav's own Vorbis is coarse"
        )


def test_the_sound_of_a_video_is_read(tmp_path: Path) -> None:
    media = read_media(encoded(tmp_path / "v.mp4", sound(1, 16000), 16000, "aac", video=True))
    assert (media.rate, media.channels) == (16000, 1)
    assert 16000 <= len(whole(media)) <= 17024
    assert media.damage == []


@pytest.mark.parametrize("block_ms", [7, 100, 100_000])
def test_blocks_are_of_the_length_asked_for(tmp_path: Path, block_ms: int) -> None:
    samples = noise(11025, 2)
    media = read_media(wav16(tmp_path / "a.wav", samples, 11025))
    blocks = list(media.blocks(block_ms))
    assert {len(block) for block in blocks[:-1]} <= {11025 * block_ms // 1000}
    np.testing.assert_array_equal(np.concatenate(blocks), samples)
    np.testing.assert_array_equal(whole(media), samples)
    assert media.samples_read == 11025


def test_silence_is_audio(tmp_path: Path) -> None:
    media = read_media(wav16(tmp_path / "a.wav", np.zeros((8000, 2), dtype=np.int16)))
    assert not whole(media).any()
    assert media.samples_read == 8000


def test_one_sample_is_audio(tmp_path: Path) -> None:
    assert whole(read_media(wav16(tmp_path / "a.wav", np.array([[-7]])))).tolist() == [[-7]]
