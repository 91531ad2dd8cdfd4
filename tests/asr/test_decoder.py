"""The decoder's graphs: kept on disk, and each sequence's result its own, whatever else is in the call."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnxruntime import InferenceSession

from gateway.asr.moonshine import assets
from gateway.asr.moonshine.built_models import as_onnx
from gateway.asr.moonshine.decoder import Decoder
from gateway.asr.moonshine.decoder_graph import PADDING, Shipped, build_memory, memory_graph
from gateway.asr.moonshine.encoder import RATE, Encoder, Floats
from gateway.asr.moonshine.graph import CACHE_VARIABLE, session_options
from gateway.asr.moonshine.tokenizer import START

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROOM = 24


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder(assets.find_model())


def _frames(count: int, seed: int) -> Floats:
    """Frames of about the size that the encoder makes them."""
    return np.random.default_rng(seed).standard_normal((count, 288)).astype(np.float32)


def test_the_graphs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    files = assets.find_model()
    path = memory_graph(files)
    assert isinstance(path, Path)
    written = path.stat().st_mtime_ns
    assert memory_graph(files) == path
    assert path.stat().st_mtime_ns == written
    assert not list(path.parent.glob("*.part"))
    monkeypatch.setenv(CACHE_VARIABLE, str(path))  # a file: nothing can be written below it
    assert memory_graph(files) == path.read_bytes()


def test_both_kinds_of_weights_are_the_same() -> None:
    """Processors that saturate products of uint8 and int8 get uint8 weights."""
    model = as_onnx(assets.find_model().decoder)
    frames = {"frames": _frames(30, 5), "pads": np.array([2])}
    signed, unsigned = (
        InferenceSession(build_memory(Shipped(model, kind)), session_options()).run(None, frames)
        for kind in (False, True)
    )
    for one, other in zip(signed, unsigned, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=12, deadline=None)
@given(
    legs=st.lists(st.tuples(st.integers(3, 190), st.integers(0, 12)), min_size=2, max_size=9),
    dropped=st.integers(0, 8),
)
def test_neighbours_change_nothing(decoder: Decoder, legs: list[tuple[int, int]], dropped: int) -> None:
    """To the last bit: with other lengths beside it, from another place, and after another one has ended."""
    windows = [_frames(frames, seed) for seed, (frames, _) in enumerate(legs)]
    alone = [_decode(decoder, window, prefix) for window, (_, prefix) in zip(windows, legs, strict=True)]
    sequences = decoder.begin(windows, ROOM)
    for place, logits in enumerate(decoder.read(sequences, 0, [_text(prefix) for _, prefix in legs], [1] * len(legs))):
        np.testing.assert_array_equal(logits[0], alone[place][0][0])
    order = list(range(len(legs)))
    for turn in range(1, 4):
        logits = decoder.step(sequences, [1_000 + turn] * len(order))
        for place, leg in enumerate(order):
            np.testing.assert_array_equal(logits[place], alone[leg][0][turn])
        if turn == 2 and dropped < len(order) - 1:
            sequences.drop(dropped)
            order[dropped] = order.pop()
    for place, leg in enumerate(order):
        np.testing.assert_array_equal(sequences.attention(place), alone[leg][1])


def _decode(decoder: Decoder, window: Floats, prefix: int) -> tuple[list[Floats], Floats]:
    sequences = decoder.begin([window], ROOM)
    logits = [decoder.read(sequences, 0, [_text(prefix)], [1])[0][0]]
    logits += [decoder.step(sequences, [1_000 + turn])[0] for turn in range(1, 4)]
    return logits, sequences.attention(0).copy()


def _text(prefix: int) -> list[int]:
    return [START, *range(100, 100 + prefix)]


def test_what_is_forgotten_leaves_no_trace(decoder: Decoder) -> None:
    sequences = decoder.begin([_frames(100, 1)], ROOM)
    decoder.read(sequences, 0, [[START, 100, 101]], [1])
    expected = decoder.step(sequences, [102])
    sequences.keep(0, 1)
    decoder.read(sequences, 0, [[7, 8, 9, 10]], [4])
    sequences.keep(0, 1)
    decoder.read(sequences, 0, [[100, 101]], [2])
    np.testing.assert_allclose(decoder.step(sequences, [102]), expected, atol=0.5)
    assert sequences.attention(0).shape == (4, 100)


def test_reading_at_once_is_reading_one_by_one(decoder: Decoder) -> None:
    """But for what rounding to whole numbers makes of the last bits: logits of about 7 differ by tenths."""
    tokens = [START, 306, 4966, 366, 29889]
    sequences = decoder.begin([_frames(2 * PADDING, 3), _frames(50, 4)], ROOM)
    (at_once,) = decoder.read(sequences, 0, [tokens], [len(tokens)])
    weights = sequences.attention(0).copy()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    sequences.keep(0, 0)
    one_by_one = [decoder.read(sequences, 0, [[token]], [1])[0][0] for token in tokens]
    assert np.abs(at_once - one_by_one).mean() < 0.5
    np.testing.assert_allclose(sequences.attention(0), weights, atol=0.05)


def test_floats_say_nearly_the_same(decoder: Decoder) -> None:
    """The graphs of a GPU, here on the processor, after several tokens at once and one by one."""
    floating = Decoder(assets.find_model(), floating=True)
    with wave.open(str(Path(__file__).parent.parent / "fixtures" / "asr" / "number_slt.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    speech = np.repeat(samples, RATE // file.getframerate()).astype(np.float32) / 32_768
    frames = Encoder(assets.find_model()).encode(speech[:60_000])
    windows = [frames, frames[:100]]
    logits = []
    for one in (decoder, floating):
        sequences = one.begin(windows, ROOM)
        read = one.read(sequences, 0, [[START, 100, 101], [START, 7]], [1, 1])
        sequences.drop(0)
        logits.append([*np.concatenate(read), one.step(sequences, [8])[0], one.step(sequences, [9])[0]])
    for whole, float_row in zip(*logits, strict=True):
        assert np.corrcoef(whole, float_row)[0, 1] > 0.99
        assert np.abs(whole - float_row).mean() < 0.1 * whole.std()
