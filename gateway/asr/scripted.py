"""A recogniser that hears what a script says was spoken: for tests, and for running the gateway without a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.asr.base import Capabilities, Chunk
from gateway.asr.rates import check_rate
from gateway.core.hypothesis import Hypothesis, Word
from gateway.media.timeline import MediaTime, Span, samples_of


@dataclass(frozen=True, slots=True)
class ScriptedWord:
    """One word of the script: its text, when it is spoken, and how sure the recogniser shall be of it (0..1)."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


def spoken_evenly(text: str, start_ms: int = 0, word_ms: int = 300, gap_ms: int = 100) -> tuple[ScriptedWord, ...]:
    """A script in which the words of `text` follow each other, all of the same length."""
    pace = word_ms + gap_ms
    return tuple(
        ScriptedWord(word, start_ms + index * pace, start_ms + index * pace + word_ms)
        for index, word in enumerate(text.split())
    )


class ScriptedStream:
    """One leg and its script."""

    def __init__(self, sample_rate: int, stable_margin_ms: int, script: Sequence[ScriptedWord]) -> None:
        self._rate = sample_rate
        self._margin = samples_of(stable_margin_ms, sample_rate)
        self._words = [(word, self._span(word)) for word in script]
        self._told = 0
        self._heard: MediaTime = 0
        self._stable: MediaTime = 0
        self._ended = False

    @property
    def sample_rate(self) -> int:
        """The leg's wire rate in Hz."""
        return self._rate

    def hear(self, samples: int, final: bool) -> Hypothesis:
        """Move on by `samples`.

        A word is known, unstable, as soon as a part of it was heard; it is stable once it ended the margin before
        the end of what was heard, or at the end of the leg.
        """
        if self._ended:
            raise ValueError("the stream has ended: its last chunk was final")
        self._ended = final
        self._heard += samples
        known_until = self._heard if final else max(0, self._heard - self._margin)
        stable: list[Word] = []
        tail: list[Word] = []
        for word, span in self._words[self._told :]:
            if span.start >= self._heard:
                break
            done = not tail and (final or span.end <= known_until)
            heard = Span(span.start, min(span.end, self._heard))
            (stable if done else tail).append(Word(word.text, heard, word.confidence, done))
        self._told += len(stable)
        upcoming = self._words[self._told][1].start if self._told < len(self._words) else self._heard
        self._stable = max(self._stable, min(known_until, upcoming))
        return Hypothesis(self._heard, self._stable, (*stable, *tail))

    def _span(self, word: ScriptedWord) -> Span:
        return Span(samples_of(word.start_ms, self._rate), samples_of(word.end_ms, self._rate))


class ScriptedRecognizer:
    """Deterministic and without a model. It listens to how much it is given, never to what."""

    def __init__(self, scripts: Mapping[int, Iterable[ScriptedWord]] | None = None) -> None:
        """`scripts`: the words of the first, second, ... leg opened (0, 1, ...); a leg without a script is silent.

        Raises ValueError when a script's words overlap, are out of order, or have text with spaces or none.
        """
        self._scripts = {leg: tuple(words) for leg, words in (scripts or {}).items()}
        for words in self._scripts.values():
            _check_script(words)
        self._opened = 0

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        return Capabilities(engine="scripted", model="none", language="en", batch=1)

    def open_stream(self, sample_rate: int, stable_margin_ms: int) -> ScriptedStream:
        """Start the next leg. Raises OptionError for a rate that `check_rate` refuses."""
        check_rate(sample_rate)
        stream = ScriptedStream(sample_rate, stable_margin_ms, self._scripts.get(self._opened, ()))
        self._opened += 1
        return stream

    def recognize(self, batch: Sequence[Chunk]) -> list[Hypothesis]:
        """One step for each chunk. Raises ValueError for a foreign or ended stream, or two chunks of one stream."""
        if len({id(chunk.stream) for chunk in batch}) < len(batch):
            raise ValueError("a batch holds at most one chunk of a stream")
        answers = []
        for chunk in batch:
            if not isinstance(chunk.stream, ScriptedStream):
                raise ValueError("the stream was opened by another engine")
            answers.append(chunk.stream.hear(len(chunk.samples), chunk.final))
        return answers


def _check_script(words: Sequence[ScriptedWord]) -> None:
    position = 0
    for word in words:
        if not word.text or len(word.text.split()) != 1:
            raise ValueError("a scripted word is text without spaces")
        if not position <= word.start_ms <= word.end_ms:
            raise ValueError("scripted words are in order and do not overlap")
        position = word.end_ms
