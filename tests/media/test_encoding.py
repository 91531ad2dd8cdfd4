import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.media.encoding import Encoding, decode, deinterleave, encode, interleave

FFMPEG_CODEC = {Encoding.MULAW: "pcm_mulaw", Encoding.ALAW: "pcm_alaw"}
ALL_SAMPLES = np.arange(-32768, 32768).astype(np.int16)
ALL_CODES = bytes(range(256))

encodings = st.sampled_from(list(Encoding))


def ffmpeg_decode(data: bytes, codec: str) -> np.ndarray:
    context = av.CodecContext.create(codec, "r")
    context.sample_rate, context.layout = 8000, "mono"
    return np.concatenate([frame.to_ndarray()[0] for frame in context.decode(av.Packet(data))])


def ffmpeg_encode(samples: np.ndarray, codec: str) -> bytes:
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.layout, context.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate = 8000
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


@pytest.mark.parametrize("encoding", FFMPEG_CODEC)
def test_every_code_decodes_as_ffmpeg_decodes_it(encoding):
    assert np.array_equal(decode(ALL_CODES, encoding), ffmpeg_decode(ALL_CODES, FFMPEG_CODEC[encoding]))


@pytest.mark.parametrize("encoding", FFMPEG_CODEC)
def test_every_sample_encodes_as_ffmpeg_encodes_it(encoding):
    assert encode(ALL_SAMPLES, encoding) == ffmpeg_encode(ALL_SAMPLES, FFMPEG_CODEC[encoding])


@pytest.mark.parametrize("encoding", FFMPEG_CODEC)
def test_a_code_is_within_half_a_step_of_the_sample(encoding):
    heard = decode(encode(ALL_SAMPLES, encoding), encoding).astype(int)
    error = np.abs(heard - ALL_SAMPLES)
    inside = np.abs(ALL_SAMPLES.astype(int)) <= 32000
    assert np.all(error[inside] <= np.maximum(12, np.abs(ALL_SAMPLES[inside].astype(int)) / 16))


def test_every_code_but_minus_zero_survives_a_round_trip():
    for encoding in FFMPEG_CODEC:
        back = encode(decode(ALL_CODES, encoding), encoding)
        changed = [code for code in range(256) if back[code] != code]
        assert changed == ([0x7F] if encoding is Encoding.MULAW else [])
    assert decode(b"\x7f\xff", Encoding.MULAW).tolist() == [0, 0]


def test_pcm_is_little_endian():
    assert decode(b"\x01\x02\xff\xff", Encoding.PCM_S16LE).tolist() == [0x0201, -1]
    assert encode(np.array([0x0201, -1], np.int16), Encoding.PCM_S16LE) == b"\x01\x02\xff\xff"


@given(st.binary(max_size=64))
def test_pcm_survives_a_round_trip(data):
    whole = data[: len(data) // 2 * 2]
    assert encode(decode(memoryview(whole), Encoding.PCM_S16LE), Encoding.PCM_S16LE) == whole


def test_decoding_keeps_nothing_writable():
    with pytest.raises(ValueError):
        decode(b"\0\0", Encoding.PCM_S16LE)[0] = 1


@pytest.mark.parametrize("encoding", Encoding)
def test_nothing_decodes_to_nothing(encoding):
    assert decode(b"", encoding).shape == (0,)
    assert encode(np.empty(0, np.int16), encoding) == b""
    assert deinterleave(b"", encoding, 2) == (b"", b"")
    assert interleave((b"", b""), encoding) == b""


def test_half_a_sample_is_refused():
    with pytest.raises(ValueError):
        decode(b"\0", Encoding.PCM_S16LE)


@given(encodings, st.integers(1, 8), st.data())
def test_channels_taken_apart_and_put_together_are_the_same_bytes(encoding, channels, data):
    frames = data.draw(st.integers(0, 20))
    size = frames * channels * encoding.bytes_per_sample
    wire = data.draw(st.binary(min_size=size, max_size=size))
    parts = deinterleave(wire, encoding, channels)
    assert len(parts) == channels
    assert all(len(part) == frames * encoding.bytes_per_sample for part in parts)
    assert interleave(parts, encoding) == wire
    width = encoding.bytes_per_sample
    for channel, part in enumerate(parts):
        samples = [wire[i : i + width] for i in range(channel * width, size, channels * width)]
        assert part == b"".join(samples)


@pytest.mark.parametrize(("encoding", "channels", "size"), [("mulaw", 2, 3), ("pcm_s16le", 1, 3), ("pcm_s16le", 2, 6)])
def test_uneven_channels_are_refused(encoding, channels, size):
    with pytest.raises(ValueError):
        deinterleave(bytes(size), Encoding(encoding), channels)


def test_parts_of_different_length_are_refused():
    with pytest.raises(ValueError):
        interleave((b"ab", b"a"), Encoding.ALAW)
