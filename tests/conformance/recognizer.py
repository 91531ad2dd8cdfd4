"""What every recogniser must keep: one plain function, called with the recogniser and some audio.

    check_recognizer(create, [Example(samples, 8000), ...])

raises AssertionError with the rule in words. `create` makes a fresh recogniser (or returns a shared one); the audio is
what it shall hear, at least two seconds each. A leg opened after those of the examples must hear nothing in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.asr.base import Chunk, Recognizer
from gateway.core.hypothesis import Hypothesis, Word
from gateway.errors import OptionError

MARGIN_MS = 500


@dataclass(frozen=True, slots=True)
class Example:
    """Audio for one leg."""

    samples: NDArray[np.int16]
    sample_rate: int


def check_recognizer(create: Callable[[], Recognizer], examples: Sequence[Example]) -> None:
    """Check all rules. Raises AssertionError at the first that is broken."""
    _check_capabilities(create())
    for example in examples:
        step = example.sample_rate * 6 // 10
        first = listen(create(), example, [step])
        assert first == listen(create(), example, [step]), "the same chunks give the same answers"
        _check_answers(first, example, [step])
        odd = [1, 0, step, 37, step // 2, 0, step]
        _check_answers(listen(create(), example, odd), example, odd)
        _check_one_chunk(create(), example)
    _check_silence(create(), len(examples))
    _check_batch(create, examples)
    _check_misuse(create(), examples[0])


def listen(recognizer: Recognizer, example: Example, sizes: Sequence[int]) -> list[Hypothesis]:
    """The answers when the audio comes in chunks of these sizes, over and over; the last one is final."""
    stream = recognizer.open_stream(example.sample_rate, MARGIN_MS)
    return [
        recognizer.recognize([Chunk(stream, samples, final)])[0] for samples, final in _chunks(example.samples, sizes)
    ]


def stable_words(answers: Sequence[Hypothesis]) -> list[Word]:
    """All stable words, in order."""
    return [word for answer in answers for word in answer.newly_stable]


def _chunks(samples: NDArray[np.int16], sizes: Sequence[int]) -> Iterator[tuple[NDArray[np.int16], bool]]:
    position = 0
    index = 0
    while True:
        size = sizes[index % len(sizes)]
        final = position + size >= len(samples)
        yield samples[position : position + size], final
        if final:
            return
        position += size
        index += 1


def _check_capabilities(recognizer: Recognizer) -> None:
    capabilities = recognizer.capabilities
    assert capabilities.engine, "an engine has a name"
    assert capabilities.model, "an engine names its model"
    assert capabilities.language, "an engine names its language"
    assert capabilities.batch >= 1, "an engine takes at least one leg at a time"


def _check_answers(answers: Sequence[Hypothesis], example: Example, sizes: Sequence[int]) -> None:
    fed = 0
    stable_until = 0
    told_until = 0
    for answer, (chunk, final) in zip(answers, _chunks(example.samples, sizes), strict=True):
        fed += len(chunk)
        assert answer.heard_until == fed, "heard_until is what was fed"
        assert stable_until <= answer.stable_until <= answer.heard_until, "stable_until never goes back, nor ahead"
        position = stable_until
        tail_begun = False
        for word in answer.words:
            assert word.text, "a word has text"
            assert len(word.text.split()) == 1, "a word has no spaces"
            assert 0.0 <= word.confidence <= 1.0, "confidence is 0..1"
            assert set(word.sounds) <= set("0123456789NML"), "a word sounds like digits, numbers, multiples or letters"
            assert word.text != "…" or word.sounds, "a word that is not written was heard"
            assert word.span.start >= position, "words are in order, do not overlap, and begin where nothing was stable"
            assert word.span.end <= answer.heard_until, "a word ends where something was heard"
            if word.stable:
                assert not tail_begun, "stable words come before the tail"
                assert word.span.end <= answer.stable_until, "a stable word lies before stable_until"
                assert word.span.start >= told_until, "a stable word is told once"
                told_until = word.span.end
            else:
                tail_begun = True
                assert word.span.start >= answer.stable_until, "the tail begins after stable_until"
            position = word.span.end
        stable_until = answer.stable_until
        if final:
            assert stable_until == fed, "with the final chunk everything is stable"
            assert not answer.tail, "with the final chunk no word is unstable"


def _check_one_chunk(recognizer: Recognizer, example: Example) -> None:
    whole = [len(example.samples)]
    _check_answers(listen(recognizer, example, whole), example, whole)
    nothing = Example(example.samples[:0], example.sample_rate)
    (answer,) = listen(recognizer, nothing, [1])
    assert (answer.heard_until, answer.stable_until, answer.words) == (0, 0, ()), "no audio, no words"


def _check_silence(recognizer: Recognizer, legs: int) -> None:
    """One leg more than there are examples hears nothing."""
    for _ in range(legs):
        recognizer.open_stream(8_000, MARGIN_MS)
    silence = Example(np.zeros(8_000 * 3, dtype=np.int16), 8_000)
    answers = listen(recognizer, silence, [4_800])
    assert not any(answer.words for answer in answers), "nobody speaks in silence"
    late = [answer.heard_until - answer.stable_until for answer in answers[1:]]
    assert max(late) <= 8_000 * MARGIN_MS // 1_000, "silence is known at once"


def _check_batch(create: Callable[[], Recognizer], examples: Sequence[Example]) -> None:
    """Legs that share every batch hear what they hear alone, in either order."""
    alone = [_in_order(create(), examples, [index])[index] for index in range(len(examples))]
    forward = _in_order(create(), examples, list(range(len(examples))))
    assert forward == alone, "what else is in the batch changes nothing"
    backward = _in_order(create(), examples, list(range(len(examples)))[::-1])
    assert backward == alone, "the order of the batch changes nothing"
    assert create().recognize([]) == [], "no chunks, no answers"


def _in_order(recognizer: Recognizer, examples: Sequence[Example], order: Sequence[int]) -> list[list[Hypothesis]]:
    streams = [recognizer.open_stream(example.sample_rate, MARGIN_MS) for example in examples]
    rest = {index: _chunks(examples[index].samples, [examples[index].sample_rate * 6 // 10]) for index in order}
    answers: list[list[Hypothesis]] = [[] for _ in examples]
    while rest:
        batch: list[tuple[int, Chunk]] = []
        for index in list(rest):
            samples, final = next(rest[index])
            batch.append((index, Chunk(streams[index], samples, final)))
            if final:
                del rest[index]
        for (index, _), answer in zip(batch, recognizer.recognize([chunk for _, chunk in batch]), strict=True):
            answers[index].append(answer)
    return answers


def _check_misuse(recognizer: Recognizer, example: Example) -> None:
    for rate in (0, -8_000, 3_999, 384_001):
        with pytest.raises(OptionError):
            recognizer.open_stream(rate, MARGIN_MS)
    stream = recognizer.open_stream(example.sample_rate, MARGIN_MS)
    chunk = Chunk(stream, example.samples[:100])
    with pytest.raises(ValueError, match="at most one chunk"):
        recognizer.recognize([chunk, chunk])
    recognizer.recognize([Chunk(stream, example.samples[:100], final=True)])
    with pytest.raises(ValueError, match="has ended"):
        recognizer.recognize([chunk])
