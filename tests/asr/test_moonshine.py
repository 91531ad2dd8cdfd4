"""The embedded model on the project's own small recordings."""

from __future__ import annotations

import re
import wave
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.asr.base import Chunk, Recognizer
from gateway.asr.registry import create_recognizer
from gateway.core.hypothesis import Hypothesis
from gateway.errors import EngineError, OptionError
from tests.conformance.recognizer import Example, check_recognizer, listen, stable_words

pytestmark = [pytest.mark.model, pytest.mark.slow]

FOLDER = Path(__file__).parent.parent / "fixtures" / "asr"
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
DIGITS = dict(zip(_NAMES, "01234567890", strict=True))
RATE = 8_000


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return create_recognizer("moonshine")


def _audio(name: str) -> NDArray[np.int16]:
    with wave.open(str(FOLDER / f"{name}.wav")) as file:
        assert file.getframerate() == RATE
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def _digits(answers: list[Hypothesis]) -> str:
    pieces = re.findall(r"[a-z]+|\d", " ".join(word.text.lower() for word in stable_words(answers)))
    return "".join(DIGITS.get(piece, piece if piece.isdigit() else "") for piece in pieces)


def test_conformance(recognizer: Recognizer) -> None:
    number, order = _audio("number_slt"), _audio("order_rms")
    check_recognizer(lambda: recognizer, [Example(number[:24_000], RATE), Example(order[:20_000], RATE)])


def test_neighbours_change_nothing(recognizer: Recognizer) -> None:
    """Legs of one batch, each somewhere else in its audio, hear what they hear alone: words, times, confidences."""
    legs = [
        np.roll(_audio(name), -shift) for name in ("number_slt", "account_kal16", "order_rms") for shift in (0, 9_000)
    ]
    alone = [listen(recognizer, Example(leg, RATE), [4_800]) for leg in legs]
    streams = [recognizer.open_stream(RATE, 500) for _ in legs]
    heard: list[list[Hypothesis]] = [[] for _ in legs]
    while open_legs := [leg for leg, answers in enumerate(heard) if len(answers) < len(alone[leg])]:
        chunks = []
        for leg in open_legs:
            begin = 4_800 * len(heard[leg])
            chunks.append(Chunk(streams[leg], legs[leg][begin : begin + 4_800], begin + 4_800 >= len(legs[leg])))
        for leg, answer in zip(open_legs, recognizer.recognize(chunks), strict=True):
            heard[leg].append(answer)
    assert heard == alone


@pytest.mark.parametrize(("name", "digits"), [("number_slt", "6102651714"), ("account_kal16", "94227856")])
def test_spoken_digits_are_found(recognizer: Recognizer, name: str, digits: str) -> None:
    assert digits in _digits(listen(recognizer, Example(_audio(name), RATE), [4_800]))


@pytest.mark.parametrize(("name", "digits"), [("number_slt", "6102651714"), ("account_kal16", "94227856")])
def test_the_number_head_hears_the_digits(recognizer: Recognizer, name: str, digits: str) -> None:
    words = stable_words(listen(recognizer, Example(_audio(name), RATE), [4_800]))
    heard = "".join(word.sounds for word in words)
    assert SequenceMatcher(a=digits, b=heard, autojunk=False).ratio() > 0.8


def test_the_number_head_hears_little_in_plain_speech(recognizer: Recognizer) -> None:
    words = stable_words(listen(recognizer, Example(_audio("order_rms"), RATE), [4_800]))
    assert sum(len(word.sounds) for word in words) <= 3


def test_other_weights_are_for_the_engine_that_has_a_head() -> None:
    with pytest.raises(EngineError, match="missing"):
        create_recognizer("moonshine", number_head=FOLDER / "none.onnx")
    with pytest.raises(OptionError, match="no number head"):
        create_recognizer("scripted", number_head=FOLDER / "none.onnx")


def test_plain_speech_is_found(recognizer: Recognizer) -> None:
    answers = listen(recognizer, Example(_audio("order_rms"), RATE), [4_800])
    words = {re.sub(r"\W", "", word.text.lower()) for word in stable_words(answers)}
    assert {"order", "boxes", "blue", "paper"} <= words
    assert "3" in _digits(answers)


def test_stable_words_follow_closely(recognizer: Recognizer) -> None:
    answers = listen(recognizer, Example(_audio("number_slt"), RATE), [4_800])
    lags = sorted(answer.heard_until - answer.stable_until for answer in answers)
    assert lags[len(lags) // 2] <= RATE * 800 // 1_000
    assert lags[-1] <= RATE * 1_200 // 1_000


def test_words_are_where_the_sound_is(recognizer: Recognizer) -> None:
    audio = _audio("order_rms")
    words = stable_words(listen(recognizer, Example(audio, RATE), [4_800]))
    loud = np.flatnonzero(np.abs(audio.astype(np.int32)) > 1_000)
    assert abs(words[0].span.start - loud[0]) < RATE * 150 // 1_000
    assert abs(words[-1].span.end - loud[-1]) < RATE * 200 // 1_000


@pytest.mark.parametrize("kind", ["noise", "loud noise", "tone", "hum"])
def test_steady_sound_is_soon_taken_for_what_it_is(recognizer: Recognizer, kind: str) -> None:
    time = np.arange(RATE * 6) / RATE
    noise = np.random.default_rng(5).standard_normal(len(time))
    signal = {
        "noise": noise * 60,
        "loud noise": noise * 1_500,
        "tone": np.sin(2 * np.pi * 1_000 * time) * 6_000,
        "hum": np.sin(2 * np.pi * 50 * time) * 3_000,
    }[kind]
    words = stable_words(listen(recognizer, Example(signal.astype(np.int16), RATE), [4_800]))
    assert not [word for word in words if word.span.start > RATE * 2]


def test_silence_after_speech_settles_everything(recognizer: Recognizer) -> None:
    audio = np.concatenate([_audio("order_rms"), np.zeros(RATE * 2, dtype=np.int16)])
    answers = listen(recognizer, Example(audio, RATE), [4_800])
    assert answers[-2].heard_until - answers[-2].stable_until <= RATE // 10
    assert not answers[-2].tail


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_other_rates(recognizer: Recognizer, rate: int) -> None:
    audio = _audio("number_slt").astype(np.float64)
    times = np.arange(int(len(audio) * rate / RATE)) * RATE / rate
    resampled = np.interp(times, np.arange(len(audio)), audio).astype(np.int16)
    answers = listen(recognizer, Example(resampled, rate), [rate * 6 // 10])
    assert "6102651714" in _digits(answers)
    loud = np.flatnonzero(np.abs(resampled.astype(np.int32)) > 1_000)
    assert abs(stable_words(answers)[0].span.start - loud[0]) < rate * 150 // 1_000


def test_a_foreign_stream_is_refused(recognizer: Recognizer) -> None:
    class Foreign:
        sample_rate = RATE

    with pytest.raises(ValueError, match="another engine"):
        recognizer.recognize([Chunk(Foreign(), _audio("order_rms"))])
