"""The scripted recogniser."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.asr.base import Chunk
from gateway.asr.scripted import ScriptedRecognizer, ScriptedWord, spoken_evenly
from gateway.media.timeline import Span
from tests.conformance.recognizer import Example, check_recognizer, listen

SCRIPT = (ScriptedWord("my", 200, 400), ScriptedWord("number,", 450, 900, 0.5), ScriptedWord("four", 1500, 1800))
QUIET = np.zeros(8_000 * 3, dtype=np.int16)


def test_conformance() -> None:
    examples = [Example(QUIET, 8_000), Example(QUIET, 16_000)]
    check_recognizer(lambda: ScriptedRecognizer({0: SCRIPT, 1: spoken_evenly("one two three")}), examples)


def test_words_come_with_what_was_heard() -> None:
    answers = listen(ScriptedRecognizer({0: SCRIPT}), Example(QUIET, 8_000), [4_000])
    assert [[word.text for word in answer.newly_stable] for answer in answers] == [
        [], ["my"], ["number,"], [], ["four"], [],
    ]  # fmt: skip
    assert [[word.text for word in answer.tail] for answer in answers] == [
        ["my", "number,"], ["number,"], [], ["four"], [], [],
    ]  # fmt: skip
    assert [answer.stable_until for answer in answers] == [0, 3_600, 8_000, 12_000, 16_000, 24_000]


def test_an_unheard_part_of_a_word_is_not_told() -> None:
    recognizer = ScriptedRecognizer({0: SCRIPT})
    stream = recognizer.open_stream(8_000, 500)
    (answer,) = recognizer.recognize([Chunk(stream, QUIET[:2_400])])
    assert [(word.text, word.span, word.stable) for word in answer.words] == [("my", Span(1_600, 2_400), False)]


def test_a_leg_without_a_script_is_silent() -> None:
    answers = listen(ScriptedRecognizer(), Example(QUIET, 8_000), [4_800])
    assert not any(answer.words for answer in answers)


def test_spoken_evenly() -> None:
    assert spoken_evenly("a b", 1_000) == (ScriptedWord("a", 1_000, 1_300), ScriptedWord("b", 1_400, 1_700))


@pytest.mark.parametrize(
    "script",
    [
        [ScriptedWord("", 0, 1)],
        [ScriptedWord("two words", 0, 1)],
        [ScriptedWord("a", 5, 4)],
        [ScriptedWord("a", 0, 10), ScriptedWord("b", 9, 12)],
    ],
)
def test_an_impossible_script_is_refused(script: list[ScriptedWord]) -> None:
    with pytest.raises(ValueError):
        ScriptedRecognizer({0: script})


def test_a_foreign_stream_is_refused() -> None:
    class Foreign:
        sample_rate = 8_000

    with pytest.raises(ValueError, match="another engine"):
        ScriptedRecognizer().recognize([Chunk(Foreign(), QUIET)])
