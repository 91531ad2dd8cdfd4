"""From the head's probabilities to sounds, and from sounds to words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gateway.asr.moonshine.number_head import BEGIN, CLASSES, COUNTED, KEEP, MIN_FRAMES, SPEECH, NumberHead, sounds_in
from gateway.asr.moonshine.sounds import SHORTEST_UNITS, UNWRITTEN, Heard, Spoken, lay_sounds
from gateway.errors import EngineError

Probabilities = NDArray[np.float32]


def _frames(*stretches: tuple[str, int], certainty: float = 0.95) -> Probabilities:
    """Stretches of (label or "-" for speech, frames), none with a beginning."""
    rows = []
    for label, count in stretches:
        row = np.full(len(CLASSES) + 1, (1 - certainty) / (len(CLASSES) - 1))
        row[-1] = 0.0
        row[SPEECH if label == "-" else COUNTED.index(label)] = certainty
        rows += [row] * count
    return np.array(rows, dtype=np.float32)


def _labels(probabilities: Probabilities) -> str:
    return "".join(sound.label for sound in sounds_in(probabilities))


@st.composite
def _any_probabilities(draw: st.DrawFn) -> Probabilities:
    seed, count = draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 120))
    random = np.random.default_rng(seed)
    logits = np.repeat(random.normal(0, 4, (count // 5 + 1, len(CLASSES))), 5, axis=0)[:count]
    powers = np.exp(logits)
    shares = powers / powers.sum(axis=1, keepdims=True)
    return np.concatenate([shares, random.random((count, 1))], axis=1).astype(np.float32)


@given(_any_probabilities())
def test_sounds_are_in_order_long_enough_and_sure(probabilities: Probabilities) -> None:
    sounds = sounds_in(probabilities)
    for sound in sounds:
        assert 0 <= sound.first < sound.end <= len(probabilities)
        assert sound.end - sound.first >= MIN_FRAMES
        assert sound.label in COUNTED
        assert KEEP <= sound.confidence <= 1.0
    assert all(one.end <= other.first for one, other in pairwise(sounds))


@given(st.lists(st.tuples(st.sampled_from(COUNTED), st.integers(6, 20), st.integers(3, 10)), max_size=8))
def test_clear_sounds_with_pauses_are_all_found(spoken: list[tuple[str, int, int]]) -> None:
    stretches = [part for label, count, pause in spoken for part in (("-", pause), (label, count))]
    probabilities = _frames(*stretches, ("-", 3))
    assert _labels(probabilities) == "".join(label for label, _, _ in spoken)


def test_neighbours_without_a_pause_are_told_apart() -> None:
    assert _labels(_frames(("-", 3), ("5", 8), ("7", 8), ("L", 6), ("-", 3))) == "57L"


def test_the_same_digit_twice_is_parted_at_its_beginning() -> None:
    probabilities = _frames(("-", 3), ("5", 20), ("-", 3))
    probabilities[[3, 4, 13, 14], -1] = 0.9
    assert [(sound.label, sound.first, sound.end) for sound in sounds_in(probabilities)] == [
        ("5", 3, 13),
        ("5", 13, 23),
    ]


def test_a_flicker_inside_a_sound_belongs_to_it() -> None:
    assert _labels(_frames(("5", 8), ("9", 2), ("5", 8))) == "5"


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_what_is_short_is_no_sound(frames: int) -> None:
    assert _labels(_frames(("-", 9), ("5", frames), ("-", 9))) == ""


def test_what_is_never_clear_is_no_sound() -> None:
    probabilities = _frames(("5", 20))
    probabilities[:, :] = 0.0
    probabilities[:, COUNTED.index("5")] = (BEGIN + KEEP) / 2
    probabilities[:, SPEECH] = 1.0 - (BEGIN + KEEP) / 2
    assert _labels(probabilities) == ""


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="missing"):
        NumberHead(tmp_path / "none.onnx")


@st.composite
def _stretches(draw: st.DrawFn) -> list[tuple[int, int]]:
    edges = sorted(draw(st.lists(st.integers(0, 400), max_size=16, unique=True)))
    return [(edges[index], edges[index + 1]) for index in range(0, len(edges) - 1, 2)]


@given(_stretches(), _stretches(), st.data())
def test_laid_words_keep_order_and_lose_no_sound(
    spoken: list[tuple[int, int]], heard: list[tuple[int, int]], data: st.DataObject
) -> None:
    texts = data.draw(
        st.lists(st.sampled_from(["for", "seven,", "7", "call"]), min_size=len(spoken), max_size=len(spoken))
    )
    words = [
        Spoken(index + 3, text, start, end, 0.5)
        for index, ((start, end), text) in enumerate(zip(spoken, texts, strict=True))
    ]
    labels = data.draw(st.lists(st.sampled_from(COUNTED), min_size=len(heard), max_size=len(heard)))
    sounds = [Heard(label, start, end, 0.9) for (start, end), label in zip(heard, labels, strict=True)]
    laid = lay_sounds(words, sounds, 2)
    assert [(word.end, word.text) for word in laid if word.text != UNWRITTEN] == [
        (word.end, word.text) for word in words
    ]
    assert all(one.end_at <= other.start_at and one.end <= other.end for one, other in pairwise(laid))
    assert all(word.start_at < word.end_at for word in laid)
    by_text = {word.end: word for word in laid if word.text != UNWRITTEN}
    assert all(by_text[w.end].start_at <= w.start_at and by_text[w.end].end_at >= w.end_at for w in words)
    told = sum(len(word.sounds) for word in laid)
    long = [sound for sound in sounds if sound.end_at - sound.start_at >= SHORTEST_UNITS]
    assert told >= (len(sounds) if words else len(long))
    for sound in long:
        middle = (sound.start_at + sound.end_at) // 2
        near = [
            word
            for word in laid
            if word.start_at - 15 <= middle < word.end_at + 15 + len(range(sound.start_at, middle))
        ]
        assert near


def test_a_number_that_was_not_written_is_a_word() -> None:
    words = [Spoken(1, "my", 0, 20, 0.9), Spoken(2, "cat", 90, 110, 0.9)]
    laid = lay_sounds(words, [Heard("7", 30, 60, 0.8), Heard("4", 88, 120, 0.8)], 0)
    assert [(word.text, word.start_at, word.end_at, word.sounds) for word in laid] == [
        ("my", 0, 20, ""), (UNWRITTEN, 30, 60, "7"), ("cat", 88, 120, "4"),
    ]  # fmt: skip


def test_a_misplaced_number_gets_its_own_sound() -> None:
    (word,) = lay_sounds([Spoken(1, "Seven,", 0, 20, 0.9)], [Heard("7", 28, 60, 0.8)], 0)
    assert (word.text, word.end_at, word.sounds) == ("Seven,", 60, "7")
