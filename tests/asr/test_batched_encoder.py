"""The encoder for a GPU, here on the processor: many windows at once against one by one, and against the other one."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.asr.base import Chunk
from gateway.asr.moonshine import batched_encoder
from gateway.asr.moonshine.assets import find_model
from gateway.asr.moonshine.batched_encoder import BatchedEncoder
from gateway.asr.moonshine.decoder import Decoder
from gateway.asr.moonshine.device import Device
from gateway.asr.moonshine.encoder import FRAME, MIN_SAMPLES, RATE, Encoder, EncoderMemory, Floats
from gateway.asr.moonshine.recognizer import MoonshineRecognizer

pytestmark = [pytest.mark.model, pytest.mark.slow]

FOLDER = Path(__file__).parent.parent / "fixtures" / "asr"


@pytest.fixture(scope="module")
def encoder() -> BatchedEncoder:
    return BatchedEncoder(find_model(), Device.CPU)


def _speech() -> Floats:
    with wave.open(str(FOLDER / "number_slt.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    return np.repeat(samples, RATE // file.getframerate()).astype(np.float32) / 32_768


SPEECH = _speech()


def _encoded(encoder: BatchedEncoder | Encoder, windows: list[Floats]) -> list[Floats]:
    return encoder.extend_all([EncoderMemory() for _ in windows], windows)


def test_the_same_as_the_other_but_for_rounding_to_whole_numbers(encoder: BatchedEncoder) -> None:
    windows = [SPEECH[:40_000], SPEECH[5_000:69_003]]
    for floats, whole in zip(_encoded(encoder, windows), _encoded(Encoder(find_model()), windows), strict=True):
        assert floats.shape == whole.shape
        floats, whole = (side - side.mean(axis=0) for side in (floats, whole))
        likeness = (floats * whole).sum(axis=1) / np.linalg.norm(floats, axis=1) / np.linalg.norm(whole, axis=1)
        assert likeness.mean() > 0.99


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(MIN_SAMPLES, 4 * FRAME * 25), min_size=2, max_size=4), st.integers(0, 9_000))
def test_neighbours_and_padding_change_nothing(encoder: BatchedEncoder, lengths: list[int], begin: int) -> None:
    windows = [SPEECH[begin : begin + length] for length in lengths]
    together = _encoded(encoder, windows)
    for window, frames in zip(windows, together, strict=True):
        (alone,) = _encoded(encoder, [window])
        np.testing.assert_allclose(frames, alone, atol=1e-4)


def test_every_length_of_a_window_fits_its_place(encoder: BatchedEncoder) -> None:
    """The last samples, up to those of two frames, belong to no frame; the next window begins behind them."""
    base = 30 * FRAME
    whole = Encoder(find_model())
    for more in (126, 127, 510, 511, 512, 703, 704, FRAME - 1):
        window = SPEECH[: base + more]
        first, second = _encoded(encoder, [window, SPEECH[9_000 : 9_000 + base]])
        assert len(first) == len(_encoded(whole, [window])[0])
        np.testing.assert_allclose(second, _encoded(encoder, [SPEECH[9_000 : 9_000 + base]])[0], atol=1e-4)


def test_more_windows_than_fit_go_in_several_calls(encoder: BatchedEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = [SPEECH[start : start + 5_000] for start in (0, 3_000, 6_000)]
    together = _encoded(encoder, windows)
    monkeypatch.setattr(batched_encoder, "WINDOWS_AT_ONCE", 2)
    for one, other in zip(_encoded(encoder, windows), together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert _encoded(encoder, []) == []
    with pytest.raises(ValueError, match="one memory for each window"):
        encoder.extend_all([], windows)


def test_a_call_is_heard_with_the_models_of_a_gpu() -> None:
    """All that runs on a GPU, on the processor: the same words as ever."""
    usual, floating = MoonshineRecognizer(), MoonshineRecognizer()
    files = find_model()
    floating._encoder = BatchedEncoder(files, Device.CPU)
    floating._decoder = Decoder(files, floating=True)
    samples = (SPEECH * 32_767).astype(np.int16)
    step = RATE * 6 // 10
    heard = []
    for recognizer in (usual, floating):
        streams = [recognizer.open_stream(RATE, 500) for _ in range(2)]
        words: list[list[str]] = [[], []]
        for start in range(0, len(samples), step):
            final = start + step >= len(samples)
            chunks = [Chunk(stream, samples[start : start + step], final) for stream in streams]
            for told, answer in zip(words, recognizer.recognize(chunks), strict=True):
                told += [word.text for word in answer.words if word.stable]
        assert words[0] == words[1]
        heard.append([word.strip(".,") for word in words[0]])
    assert heard[0]
    assert heard[0] == heard[1]
