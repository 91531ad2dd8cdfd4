"""The activity meter."""

from __future__ import annotations

import numpy as np

from gateway.media.activity import ActivityMeter

RATE = 16_000
FRAME = 128
RNG = np.random.default_rng(3)


def _noise(seconds: float, level_db: float) -> np.ndarray:
    return (RNG.standard_normal(int(RATE * seconds)) * 10 ** (level_db / 20)).astype(np.float32)


def _syllables(seconds: float, level_db: float) -> np.ndarray:
    time = np.arange(int(RATE * seconds)) / RATE
    voice = np.sign(np.sin(2 * np.pi * 120 * time)) * np.clip(np.sin(2 * np.pi * 3 * time), 0, 1)
    return (voice * 10 ** (level_db / 20)).astype(np.float32)


def test_digital_silence_is_silent() -> None:
    assert not ActivityMeter(RATE, FRAME).feed(np.zeros(RATE, dtype=np.float32)).any()


def test_steady_line_noise_is_silent() -> None:
    sounds = ActivityMeter(RATE, FRAME).feed(_noise(5, -55))
    assert sounds[125:].mean() < 0.01


def test_speech_over_noise_sounds() -> None:
    noise = _noise(4, -60)
    speech = _syllables(4, -30)
    meter = ActivityMeter(RATE, FRAME)
    meter.feed(noise)
    sounds = meter.feed(speech + noise)
    loud = np.abs(speech[: len(sounds) * FRAME].reshape(-1, FRAME)).mean(axis=1) > 10 ** (-40 / 20)
    assert sounds[loud].mean() > 0.9


def test_speech_from_the_first_sample_sounds() -> None:
    sounds = ActivityMeter(RATE, FRAME).feed(_syllables(1, -25))
    assert sounds[:18].mean() > 0.8


def test_loud_noise_sounds_until_it_shows_to_be_steady() -> None:
    sounds = ActivityMeter(RATE, FRAME).feed(_noise(8, -25))
    assert sounds[10:100].all()
    assert sounds[200:].mean() < 0.1


def test_a_steady_tone_is_silent_after_a_second() -> None:
    tone = np.sin(2 * np.pi * 1_000 * np.arange(RATE * 4) / RATE).astype(np.float32) / 4
    sounds = ActivityMeter(RATE, FRAME).feed(tone)
    assert sounds[10:100].all()
    assert not sounds[135:].any()


def test_an_uneven_loud_noise_sounds() -> None:
    swell = 1 + 0.5 * np.sin(2 * np.pi * 3 * np.arange(RATE * 6) / RATE)
    assert ActivityMeter(RATE, FRAME).feed((_noise(6, -25) * swell).astype(np.float32))[10:].all()


def test_how_it_is_cut_changes_little() -> None:
    audio = np.concatenate([_noise(2, -60), _syllables(2, -30)])
    whole = ActivityMeter(RATE, FRAME).feed(audio)
    meter = ActivityMeter(RATE, FRAME)
    pieces = np.concatenate([meter.feed(audio[at : at + 777]) for at in range(0, len(audio), 777)])
    assert len(whole) == len(pieces)
    assert (whole == pieces).mean() > 0.99
