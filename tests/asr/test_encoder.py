"""Encoding a window from where the last call left off, against encoding it whole."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.asr.base import Chunk
from gateway.asr.moonshine import encoder_graph
from gateway.asr.moonshine.assets import find_model
from gateway.asr.moonshine.encoder import FRAME, OPEN_FRAMES, RATE, Encoder, EncoderMemory, Floats
from gateway.asr.moonshine.encoder_graph import Shipped
from gateway.asr.moonshine.graph import CACHE_VARIABLE, session_options
from gateway.asr.moonshine.recognizer import MoonshineRecognizer
from gateway.asr.moonshine.stream import MoonshineStream
from gateway.asr.moonshine.window import UNIT, AudioWindow
from gateway.errors import EngineError

FOLDER = Path(__file__).parent.parent / "fixtures" / "asr"
STEP = RATE * 6 // 10


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(find_model())


@pytest.fixture(scope="module")
def speech() -> Floats:
    with wave.open(str(FOLDER / "number_slt.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    return np.repeat(samples, RATE // file.getframerate()).astype(np.float32) / 32_768


def _likeness(frames: Floats, others: Floats) -> float:
    """The mean of the frames' correlations, without what all frames have in common."""
    assert frames.shape == others.shape
    frames, others = (side - side.mean(axis=0) for side in (frames, others))
    products = (frames * others).sum(axis=1) / np.linalg.norm(frames, axis=1) / np.linalg.norm(others, axis=1)
    return float(products.mean())


def _check_aligned(frames: Floats, others: Floats) -> None:
    here = _likeness(frames, others)
    assert here > 0.8
    assert here > _likeness(frames[1:], others[:-1]) + 0.03
    assert here > _likeness(frames[:-1], others[1:]) + 0.03


@pytest.mark.model
@pytest.mark.slow
def test_a_whole_window_as_the_shipped_graph_has_it(encoder: Encoder, speech: Floats) -> None:
    model = str(find_model().encoder)
    shipped = ort.InferenceSession(model, session_options(), providers=["CPUExecutionProvider"])
    for samples in (speech[:1_700], speech[:40_001]):
        mask = np.ones((1, len(samples)), dtype=np.int64)
        (expected,) = shipped.run(None, {"input_values": samples[np.newaxis], "attention_mask": mask})
        # Sums in another order are rounded to other whole numbers: samples changed by a millionth differ as much.
        assert _likeness(encoder.encode(samples), expected[0]) > 0.99


@pytest.mark.model
@pytest.mark.slow
def test_with_every_frame_open_nothing_is_lost(encoder: Encoder, speech: Floats) -> None:
    memory = EncoderMemory(open_frames=1_000)
    for end in (1_700, 1_701, 1_780, 2_000, 9_000, 30_000, 38_411):
        assert np.array_equal(encoder.extend(memory, speech[:end]), encoder.encode(speech[:end]))
        assert memory.settled == 0


@pytest.mark.model
@pytest.mark.slow
def test_settled_frames_stay_and_are_like_those_of_the_whole_window(encoder: Encoder, speech: Floats) -> None:
    memory = EncoderMemory()
    previous = encoder.extend(memory, speech[:40_000])
    for end in (49_600, 59_200, 70_000):
        settled = memory.settled
        hidden = encoder.extend(memory, speech[:end])
        np.testing.assert_array_equal(hidden[:settled], previous[:settled])
        _check_aligned(hidden, encoder.encode(speech[:end]))
        assert memory.settled == len(hidden) - OPEN_FRAMES
        previous = hidden


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("drop", [1, 13, 60, 101, 102, 103, 104, 105])
def test_a_cut_window_is_encoded_anew(encoder: Encoder, speech: Floats, drop: int) -> None:
    memory = EncoderMemory()
    assert len(encoder.extend(memory, speech[:40_000])) == 102
    memory.drop_frames(drop)
    window = speech[drop * FRAME : 60_000]
    # conv2 in two parts is rounded otherwise.
    assert _likeness(encoder.extend(memory, window), encoder.encode(window)) > 0.98


@pytest.mark.model
@pytest.mark.slow
def test_what_other_legs_do_changes_nothing(encoder: Encoder, speech: Floats) -> None:
    alone, together, other = EncoderMemory(), EncoderMemory(), EncoderMemory()
    for end in range(STEP, len(speech), STEP):
        encoder.extend(other, speech[: end + 500][::-1].copy())
        first = encoder.extend(alone, speech[:end])
        assert np.array_equal(first, encoder.extend(together, speech[:end]))


@pytest.mark.model
@pytest.mark.slow
def test_memory_is_bounded(encoder: Encoder, speech: Floats) -> None:
    memory = EncoderMemory()
    cut = 0
    for end in range(STEP, len(speech), STEP):
        if end > cut * FRAME + 4 * RATE:
            memory.drop_frames(70)
            cut += 70
        encoder.extend(memory, speech[cut * FRAME : end])
        arrays = [memory.hidden, memory.conv2, memory.moments, *memory.caches.values()]
        owners = {
            id(owner): owner.nbytes for owner in (array if array.base is None else array.base for array in arrays)
        }
        assert sum(owners.values()) < 3_500_000
    assert cut


@pytest.mark.model
@pytest.mark.slow
def test_frames_stay_aligned_through_a_call(encoder: Encoder, speech: Floats) -> None:
    recognizer = MoonshineRecognizer()
    stream = recognizer.open_stream(RATE, 500)
    assert isinstance(stream, MoonshineStream)
    pause = np.zeros(RATE * 2, dtype=np.float32)
    call = np.concatenate([speech, pause, speech[:40_000], pause[:5_000], speech[20_000:]])
    settled_before = checked = cuts = 0
    for start in range(0, len(call), STEP):
        recognizer.recognize([Chunk(stream, (call[start : start + STEP] * 32_767).astype(np.int16), False)])
        settled = stream.memory.settled
        cuts += settled < settled_before
        settled_before = settled
        if settled > 20:
            _check_aligned(stream.memory.hidden, encoder.encode(stream._audio.samples)[:settled])
            checked += 1
    assert cuts > 1
    assert checked > 10


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 9_000)), min_size=1, max_size=12),
    st.lists(st.integers(0, 30), min_size=12, max_size=12),
)
def test_a_window_grows_at_its_end_and_is_cut_at_its_beginning(parts: list[tuple[bool, int]], drops: list[int]) -> None:
    window = AudioWindow()
    random = np.random.default_rng(7)
    for (loud, length), drop in zip(parts, drops, strict=False):
        noise = random.standard_normal(length).astype(np.float32)
        before = window.samples
        window.feed(noise * np.float32(0.2 if loud else 0.0001))
        np.testing.assert_array_equal(window.samples[: len(before)], before)
        before = window.samples
        window.drop_frames(drop)
        np.testing.assert_array_equal(window.samples, before[drop * FRAME :])
        assert len(window.samples) == len(window) * UNIT


@pytest.mark.slow
def test_another_encoder_is_refused() -> None:
    import onnx

    empty = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    shipped = Shipped(empty, signed=True)
    with pytest.raises(EngineError, match=r"moonshine-voice==0\.1\.0"):
        shipped.value("conv1.weight_add_tensor")
    with pytest.raises(EngineError, match=r"moonshine-voice==0\.1\.0"):
        shipped.quantised("/layers.0/self_attn/q_proj/MatMul_output_0")


@pytest.mark.model
@pytest.mark.slow
def test_uint8_weights_say_the_same(
    encoder: Encoder, speech: Floats, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(encoder_graph, "signed_products_are_exact", lambda: False)
    saturating = Encoder(find_model())
    assert len(list((tmp_path / "cache").glob("*-uint8-*.onnx"))) == 2
    assert np.array_equal(saturating.encode(speech[:40_000]), encoder.encode(speech[:40_000]))
