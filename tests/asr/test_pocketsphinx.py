"""PocketSphinx behind the port of recognisers: cutting into utterances, and the real model."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.asr.base import Chunk
from gateway.asr.pocketsphinx.engine import FRAME, HeardWord
from gateway.asr.pocketsphinx.language import NUMBER_WORDS, bigrams, sounds_of
from gateway.asr.pocketsphinx.recognizer import PocketSphinxRecognizer
from gateway.asr.pocketsphinx.stream import LONGEST_FRAMES, PocketSphinxStream
from gateway.core.hypothesis import Hypothesis
from tests.conformance.recognizer import Example, check_recognizer, listen

RATE = 16_000
SPEECH = Path(__file__).parents[1] / "fixtures" / "asr"


def speech(name: str) -> Example:
    with wave.open(str(SPEECH / name)) as file:
        return Example(np.frombuffer(file.readframes(file.getnframes()), dtype="<i2"), file.getframerate())


def sound(ms: int, seed: int = 1) -> NDArray[np.int16]:
    """Bursts of noise: as uneven as speech."""
    noise = np.random.default_rng(seed).normal(0, 4000, ms * RATE // 1000)
    loud = np.sin(np.arange(len(noise)) / RATE * 2 * np.pi * 4) ** 2
    return (noise * loud).clip(-32767, 32767).astype(np.int16)


def silence(ms: int) -> NDArray[np.int16]:
    return np.zeros(ms * RATE // 1000, dtype=np.int16)


class Heard:
    """Writes down what it is given, and hears one word in all of it."""

    def __init__(self) -> None:
        self.frames: list[int] = []

    def __call__(self, samples: NDArray[np.float32]) -> list[HeardWord]:
        self.frames.append(len(samples) // FRAME)
        return [HeardWord("seven", 0, len(samples) // FRAME, 0.5)]


def heard(audio: NDArray[np.int16], chunk: int) -> tuple[list[int], list[Hypothesis]]:
    ear = Heard()
    stream = PocketSphinxStream(RATE, ear)
    starts = range(0, len(audio), chunk)
    answers = [stream.hear(audio[start : start + chunk], start + chunk >= len(audio)) for start in starts]
    return ear.frames, answers


def test_pauses_end_utterances() -> None:
    audio = np.concatenate([silence(1000), sound(1500), silence(900), sound(1000), silence(300)])
    frames, answers = heard(audio, 1600)
    assert len(frames) == 2
    words = [word for answer in answers for word in answer.words]
    assert [word.sounds for word in words] == ["7", "7"]
    assert words[0].span.start == pytest.approx(0.75 * RATE, abs=0.1 * RATE)
    assert words[0].span.end == pytest.approx(2.8 * RATE, abs=0.2 * RATE)
    assert words[1].span.end == len(audio) == answers[-1].stable_until


def test_chunks_do_not_matter() -> None:
    audio = np.concatenate([silence(200), sound(1200), silence(800), sound(700, 2)])
    expected = None
    for chunk in (37, 160, 5000, len(audio)):
        frames, answers = heard(audio, chunk)
        found = frames, [word.span for answer in answers for word in answer.words]
        expected = expected or found
        assert found == expected


def test_endless_speech_is_cut() -> None:
    frames, answers = heard(sound(30_000), 16_000)
    assert len(frames) >= 3
    assert max(frames) <= LONGEST_FRAMES
    assert sum(frames) == 3000
    assert sum(len(answer.words) for answer in answers) == len(frames)


def test_the_language_model_expects_numbers_after_numbers() -> None:
    lines = bigrams([("the", 0.4), ("account", 0.1)]).splitlines()
    single = [line.split() for line in lines[lines.index("\\1-grams:") + 1 : lines.index("\\2-grams:") - 1]]
    share = {word: 10 ** float(probability) for probability, word, _ in single if word != "<s>"}
    assert sum(share.values()) == pytest.approx(1, abs=0.01)
    assert share["the"] == pytest.approx(4 * share["account"], rel=0.01)
    backoff = {word: 10 ** float(weight) for _, word, weight in single}
    pairs = [line.split() for line in lines[lines.index("\\2-grams:") + 1 : -2]]
    after_one = sum(10 ** float(probability) for probability, first, _ in pairs if first == "one")
    others = sum(value for word, value in share.items() if word not in NUMBER_WORDS)
    assert after_one + backoff["one"] * others == pytest.approx(1, abs=0.01)
    assert [sounds_of(word) for word in ("oh", "nine", "twelve", "double", "account")] == ["0", "9", "N", "M", ""]


@pytest.mark.slow
@pytest.mark.model
def test_the_rules_of_all_recognisers() -> None:
    recognizer = PocketSphinxRecognizer()
    number = speech("number_slt.wav")
    short = Example(number.samples[: 5 * number.sample_rate // 2], number.sample_rate)
    check_recognizer(lambda: recognizer, [short])
    answers = listen(recognizer, number, [8000])
    sounds = "".join(word.sounds for answer in answers for word in answer.words)
    assert len(sounds) >= 4, "most of a spoken number is heard"
    with pytest.raises(ValueError, match="another engine"):
        recognizer.recognize([Chunk(_Foreign(), number.samples)])


class _Foreign:
    sample_rate = 8_000
