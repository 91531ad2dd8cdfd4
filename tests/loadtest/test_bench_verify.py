"""What the bench of `verify` counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gateway.core.policy import Policy
from gateway.evaluation.labels import Clip, clip_from_row
from gateway.verify.suspicion import Level, Suspicion
from loadtest.bench_verify import Number, Tally, is_found, kind_of, numbers_of, one_open

RATE = 8000


def clip() -> Clip:
    """On leg 0 "it is two days", on leg 1 a labelled "four one five two", each word of 300 ms."""

    def turn(channel: int, text: str, start: float, spans: list[dict[str, object]]) -> dict[str, object]:
        words = []
        position = 0
        for at, word in enumerate(text.split()):
            times = {"start": start + 0.3 * at, "end": start + 0.3 * at + 0.3}
            words.append({"w": word, **times, "char_start": position, "char_end": position + len(word)})
            position += len(word) + 1
        end = start + 0.3 * len(words)
        return {
            "channel": channel, "speaker": str(channel), "text": text, "start": start, "end": end, "words": words,
            "spans": spans,
        }  # fmt: skip

    number = {
        "type": "phone_number", "text": "four one five two", "char_start": 0, "char_end": 17, "word_start": 0,
        "word_end": 4, "start": 4.0, "end": 5.2,
    }  # fmt: skip
    turns = [turn(0, "it is two three days", 1.0, []), turn(1, "four one five two", 4.0, [number])]
    row = {"id": "x", "audio": "x.wav", "sample_rate": RATE, "channels": 2, "duration": 8, "turns": turns}
    return clip_from_row(row, Path(), "set")


def suspicion(leg: int, start_ms: int, end_ms: int, level: Level = Level.LIKELY) -> Suspicion:
    return Suspicion(leg, Policy.NUMBER_SEQUENCE, start_ms, end_ms, level, 0.9, ("head",))


def test_what_a_suspicion_is_worth() -> None:
    original = np.ones((8 * RATE, 2), dtype=np.int16)
    covered = original.copy()
    covered[4 * RATE : 6 * RATE, 1] = 0
    number = suspicion(1, 4000, 5200)
    assert kind_of(number, clip(), original, original) == "leak"
    assert kind_of(number, clip(), covered, original) == "false"
    assert kind_of(suspicion(0, 4000, 5200), clip(), covered, original) == "echo"
    assert kind_of(suspicion(0, 1000, 2200), clip(), covered, original) == "other number"
    assert kind_of(suspicion(0, 6500, 7000), clip(), covered, original) == "false"


def test_which_numbers_must_be_found() -> None:
    (number,) = numbers_of(clip())
    assert number == Number(1, "phone_number", 4000, 5200)
    assert is_found(number, [suspicion(1, 4700, 6000)])
    assert not is_found(number, [suspicion(1, 5000, 6000)])
    assert not is_found(number, [suspicion(0, 4000, 5200)])


def test_one_number_is_opened() -> None:
    original = np.ones((8 * RATE, 2), dtype=np.int16)
    audio, numbers = one_open(original * 0, original, numbers_of(clip()), RATE)
    assert numbers == numbers_of(clip())
    assert not audio[:, 0].any()
    assert np.flatnonzero(audio[:, 1])[[0, -1]].tolist() == [int(3.8 * RATE), int(5.4 * RATE) - 1]


def test_figures() -> None:
    tally = Tally()
    original = np.ones((8 * RATE, 2), dtype=np.int16)
    found = [suspicion(1, 4000, 5200), suspicion(0, 6500, 7000, Level.POSSIBLE)]
    tally.add(clip(), original, original, found, numbers_of(clip()), 3_600_000)
    figures = tally.figures()
    assert (figures["numbers"], figures["found"], figures["found_likely"], figures["named_rightly"]) == (1, 1, 1, 0)
    assert figures["leaks"] == {"likely": 1, "possible": 0}
    assert figures["false_per_hour"] == {"likely": 0.0, "possible": 1.0}
    assert figures["clips_without_false"] == 0
