"""Files that cannot be used are refused in words; what is damaged in the middle loses nothing else."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from gateway.errors import MediaError
from gateway.files.decode import Damage, MediaFile, read_media
from tests.files.media_files import encoded, likeness, noise, riff, sound, wav16

RATE = 16000


def whole(media: MediaFile) -> np.ndarray:
    return np.concatenate(list(media.blocks()))


def refused(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        whole(read_media(path))
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_nothing_there(tmp_path: Path) -> None:
    assert "there is no such file" in refused(tmp_path / "none.wav")


def test_a_directory(tmp_path: Path) -> None:
    assert "is a directory" in refused(tmp_path)


def test_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert "is not a regular file" in refused(tmp_path / "pipe.wav")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    assert "is empty" in refused(tmp_path / "a.wav")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = wav16(tmp_path / "a.wav", noise(100))
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        message = refused(path)
    finally:
        os.seteuid(user)
    assert "may not be read by this user" in message


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "a.wav")
    assert "cannot be opened" in refused(tmp_path / "a.wav")


@pytest.mark.parametrize(
    "content",
    [
        b"this is not audio\n" * 100,
        b"\0" * 5000,
        b"RIFF",
        b"RIFF\xff\xff\xff\xffWAVE",
        b"ffconcat version 1.0\nfile good.wav\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ngood.wav\n#EXT-X-ENDLIST\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ],
    ids=["text", "zeros", "four bytes", "twelve bytes", "a list", "a playlist", "a session description"],
)
def test_what_is_not_audio(tmp_path: Path, content: bytes) -> None:
    """Least of all is another file opened, or the network."""
    wav16(tmp_path / "good.wav", noise(100))
    (tmp_path / "a.wav").write_bytes(content)
    assert "is not audio or video that can be read" in refused(tmp_path / "a.wav")


def test_a_video_without_sound(tmp_path: Path) -> None:
    path = encoded(tmp_path / "v.mp4", sound(1, RATE), RATE, "aac", video=True, audio=False)
    assert "has no audio track" in refused(path)


@pytest.mark.parametrize("told", [0, 2000])
def test_a_wav_file_without_samples(tmp_path: Path, told: int) -> None:
    (tmp_path / "a.wav").write_bytes(riff(1, 16, RATE, 1, b"", told))
    assert "not one sample" in refused(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("rate", "channels", "message"), [(8000, 9, "9 channels"), (3999, 1, "3999"), (500_000, 1, "500000")]
)
def test_what_no_session_takes(tmp_path: Path, rate: int, channels: int, message: str) -> None:
    assert message in refused(wav16(tmp_path / "a.wav", noise(1000, channels), rate))


def test_samples_of_a_kind_that_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(riff(1, 64, RATE, 1, bytes(800)))
    assert "samples of the kind 's64' are not read" in refused(tmp_path / "a.wav")


def test_a_truncated_wav_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    samples = noise(2 * RATE, 2)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(1, 16, RATE, 2, samples[: RATE // 2].tobytes() + b"\x01", samples.nbytes))
    media = read_media(path)
    np.testing.assert_array_equal(whole(media), samples[: RATE // 2])
    assert media.damage == [Damage(500, 2000, "the file ends early, there is nothing")]
    assert str(media.damage[0]) == "the file ends early, there is nothing from 0.50 s to 2.00 s"


@pytest.mark.parametrize("told", [0, 0x7FFF_FFF0, 0xFFFF_FFFF])
def test_a_wav_file_of_a_recorder_that_did_not_know_the_length(tmp_path: Path, told: int) -> None:
    samples = noise(RATE)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(1, 16, RATE, 1, samples.tobytes(), told))
    media = read_media(path)
    np.testing.assert_array_equal(whole(media), samples)
    assert media.damage == []


def spoilt(path: Path, start: int, size: int) -> Path:
    """Bytes of a file written over with noise."""
    data = bytearray(path.read_bytes())
    data[start : start + size] = np.random.default_rng(3).bytes(size)
    path.write_bytes(data)
    return path


def test_a_wav_file_with_a_spoilt_middle_keeps_the_rest(tmp_path: Path) -> None:
    samples = noise(RATE)
    media = read_media(spoilt(wav16(tmp_path / "a.wav", samples), 10_000, 500))
    changed = np.flatnonzero((whole(media) != samples)[:, 0])
    assert 240 < len(changed) <= 250
    assert changed[-1] - changed[0] < 250


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.flac", "flac"), ("a.mp3", "libmp3lame"), ("a.ogg", "libopus"), ("a.webm", "libopus"), ("a.m4a", "aac")],
)
def test_a_spoilt_middle_is_silent_listed_and_loses_nothing_else(tmp_path: Path, name: str, codec: str) -> None:
    rate = 48000
    path = encoded(tmp_path / name, sound(6, rate), rate, codec)
    sane = whole(read_media(path))
    size = path.stat().st_size
    media = read_media(spoilt(path, size // 2, 300))
    got = whole(media)
    assert media.damage
    assert sum(hole.end_ms - hole.start_ms for hole in media.damage) < 2500
    assert abs(len(got) - len(sane)) <= (0.06 * rate if name == "a.mp3" else 0.001 * rate)
    first = media.damage[0].start_ms * rate // 1000 - rate // 10
    np.testing.assert_array_equal(got[:first], sane[:first])
    assert likeness(got[-rate // 2 :, 0], sane[-rate // 2 :, 0]) > 0.95
    if name == "a.flac":
        after = media.damage[-1].end_ms * rate // 1000 + 1
        np.testing.assert_array_equal(got[after:], sane[after:])


@pytest.mark.parametrize(("jump_s", "silent_s"), [(1, 1), (7200, 0)])
def test_a_time_that_cannot_be_is_not_believed(tmp_path: Path, jump_s: int, silent_s: int) -> None:
    """A recording that was streamed, without a length in its header, whose times jump in the middle."""
    path = tmp_path / "a.mkv"
    samples = noise(RATE)
    with av.open(str(path), "w", options={"live": "1"}) as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for start in range(0, RATE, RATE // 10):
            frame = av.AudioFrame.from_ndarray(samples[start : start + RATE // 10].reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
            frame.pts = start + (jump_s * RATE if start >= RATE // 2 else 0)
            container.mux(stream.encode(frame))
    path.write_bytes(path.read_bytes().replace(b"\x44\x89\x88", b"\xec\x80\xec"))
    media = read_media(path)
    assert media.expected_samples is None
    got = whole(media)
    assert len(got) == RATE * (1 + silent_s)
    assert [(damage.start_ms, damage.end_ms) for damage in media.damage] == [(500, 1500)] * silent_s
