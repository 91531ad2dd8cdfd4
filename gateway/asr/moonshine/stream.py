"""One leg in the engine: what it hears, which words it has agreed on, and which may still change.

A word becomes stable, in order, when one of these holds:
  - it ended at least the stable margin before the end of what was heard;
  - the step before wrote the same word at the same place, and it ended half a margin before the end;
  - SETTLED_UNITS of silence followed all speech, or the leg has ended.
Stable words are forced on the decoder as the beginning of the next hypothesis, as long as they are in the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.alignment import align
from gateway.asr.moonshine.network import MIN_SAMPLES, RATE, Floats
from gateway.asr.moonshine.search import Found, Window
from gateway.asr.moonshine.tokenizer import Tokenizer
from gateway.asr.moonshine.window import UNIT, UNITS_PER_FRAME, UNITS_PER_SECOND, AudioWindow
from gateway.asr.moonshine.words import TokenRun, plain, split_number, word_runs
from gateway.core.hypothesis import Hypothesis, Word
from gateway.media.resample import StreamResampler
from gateway.media.timeline import MediaTime, Span

WINDOW_UNITS = 5 * UNITS_PER_SECOND
"""A longer window is trimmed ..."""
CONTEXT_UNITS = 3 * UNITS_PER_SECOND
"""... to about this much, at a pause between two stable words."""
SETTLED_UNITS = 36
"""So much silence ends what was being said: 288 ms."""
EDGE_UNITS = 10
"""Of the last 80 ms nothing is known: a sound may be beginning."""
STEP_UNITS = 12
"""With less new audio (96 ms) nothing is recognised anew."""

_SAME_PLACE_UNITS = 25  # the same word of two hypotheses starts within 200 ms
_LEAD_FRAMES = 10
_PAUSE_WEIGHT = 4


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A word of the tail: the end of its tokens after the agreed ones; its text; when, in units."""

    end: int
    text: str
    start_at: int
    end_at: int
    confidence: float


class MoonshineStream:
    """One leg. A step is `prepare`, then, when that gave audio, `request` and `conclude`, and last `hypothesis`."""

    def __init__(self, sample_rate: int, stable_margin_ms: int, tokenizer: Tokenizer) -> None:
        self._rate = sample_rate
        self._margin = stable_margin_ms * UNITS_PER_SECOND // 1000
        self._tokenizer = tokenizer
        self._resampler = StreamResampler(sample_rate, RATE)
        self._audio = AudioWindow()
        self._heard: MediaTime = 0
        self._stable_until: MediaTime = 0
        self._ended = False
        self._stable_units = 0
        self._agreed: list[int] = []
        self._guess: list[int] = []
        self._tail: list[_Spoken] = []
        self._ready: list[_Spoken] = []
        self._new_sounds = 0
        self._decoded_until = 0
        self._decoded_silence = SETTLED_UNITS

    @property
    def sample_rate(self) -> int:
        """The leg's wire rate in Hz."""
        return self._rate

    def prepare(self, samples: NDArray[np.int16], final: bool) -> Floats | None:
        """Take the next samples. Returns the audio to encode (16 kHz), None when there is nothing new to recognise."""
        if self._ended:
            raise ValueError("the stream has ended: its last chunk was final")
        self._ended = final
        self._heard += len(samples)
        self._new_sounds += self._audio.feed(self._resampler.feed(samples, final))
        if self._audio.received - self._decoded_until < (1 if final else STEP_UNITS):
            return None
        cut_short = self._decoded_silence < SETTLED_UNITS // 2 and self._audio.silence > self._decoded_silence
        if not (self._new_sounds or cut_short) or len(self._audio.samples) < MIN_SAMPLES:
            return None
        return self._audio.samples

    def request(self, hidden: Floats) -> Window:
        """What to decode, given the encoded window."""
        return Window(hidden, self._agreed, self._guess, self._audio.units_since(self._stable_units) // UNITS_PER_FRAME)

    def conclude(self, found: Found) -> None:
        """Take what was found: make words of it, see which are stable, trim the window."""
        tokens = [*self._agreed, *found.tokens]
        agreed_runs = word_runs(self._agreed, self._tokenizer)
        tail_runs = word_runs(found.tokens, self._tokenizer)
        starts = np.zeros(len(tokens), dtype=np.bool_)
        starts[[run.first for run in agreed_runs]] = True
        starts[[len(self._agreed) + run.first for run in tail_runs]] = True
        frames = align(found.attention, self._audio.quiet_frames(found.attention.shape[1]), starts)
        before = self._tail
        self._tail = self._spoken(tail_runs, found, frames[len(self._agreed) :])
        self._decoded_until = self._audio.received
        self._decoded_silence = self._audio.silence
        self._new_sounds = 0
        stable = self._count_stable(before)
        if stable:
            split = self._tail[stable - 1].end
            self._agreed = tokens[: len(self._agreed) + split]
            self._guess = found.tokens[split:]
            self._ready = self._tail[:stable]
            self._tail = [_later(word, split) for word in self._tail[stable:]]
            self._stable_units = max(self._stable_units, self._ready[-1].end_at)
        else:
            self._guess = found.tokens
        self._move_stable(before)
        if len(self._audio) > WINDOW_UNITS:
            self._trim(frames)

    def hypothesis(self) -> Hypothesis:
        """The answer to this step."""
        silent = self._audio.silence >= SETTLED_UNITS
        if self._ended or (silent and self._tail):
            self._ready += self._tail
            if self._tail:
                self._agreed += self._guess[: self._tail[-1].end]
            self._tail, self._guess = [], []
        if silent:
            self._stable_units = max(self._stable_units, self._audio.received - EDGE_UNITS)
        words: list[Word] = []
        floor = self._stable_until
        stable_until = self._heard if self._ended else max(floor, self._samples(self._stable_units))
        for spoken in self._ready:
            words.append(self._word(spoken, floor, stable_until, stable=True))
            floor = words[-1].span.end
        floor = max(floor, stable_until)
        for spoken in self._tail:
            words.append(self._word(spoken, floor, self._heard, stable=False))
            floor = words[-1].span.end
        self._ready = []
        self._stable_until = stable_until
        return Hypothesis(self._heard, stable_until, tuple(words))

    def _spoken(self, runs: Sequence[TokenRun], found: Found, frames: NDArray[np.int64]) -> list[_Spoken]:
        words = []
        for run in self._pieces(runs, found.tokens, frames):
            start = max(self._audio.start_of(int(frames[run.first, 0])), self._stable_units)
            end = max(self._audio.end_of(int(frames[run.end - 1, 1])), start + 1)
            confidence = float(np.mean(found.probabilities[run.first : run.end]))
            words.append(_Spoken(run.end, run.text, start, end, confidence))
        return words

    def _pieces(self, runs: Sequence[TokenRun], tokens: Sequence[int], frames: NDArray[np.int64]) -> list[TokenRun]:
        """The runs; a written number too long to wait for is cut behind its last digit that ended a margin ago."""
        pieces: list[TokenRun] = []
        known = self._audio.received - self._margin
        for run in runs:
            started = self._audio.start_of(int(frames[run.first, 0]))
            if started < known - self._margin and self._audio.end_of(int(frames[run.end - 1, 1])) > known:
                spoken = sum(self._audio.end_of(int(frames[token, 1])) <= known for token in range(run.first, run.end))
                pieces += split_number(run, run.first + spoken, tokens, self._tokenizer)
            else:
                pieces.append(run)
        return pieces

    def _count_stable(self, before: Sequence[_Spoken]) -> int:
        if self._ended:
            return len(self._tail)
        edge = self._audio.received
        for index, word in enumerate(self._tail):
            agreed = index < len(before) and _same(word, before[index])
            if word.end_at > edge - (self._margin // 2 if agreed else self._margin):
                return index
        return len(self._tail)

    def _move_stable(self, before: Sequence[_Spoken]) -> None:
        """Nothing is spoken before the first unstable word; with none, nothing a margin ago."""
        if self._tail:
            until = self._tail[0].start_at
        else:
            until = self._audio.received - 2 * self._margin
        self._stable_units = max(self._stable_units, min(until, self._audio.received - EDGE_UNITS))

    def _trim(self, frames: NDArray[np.int64]) -> None:
        runs = word_runs(self._agreed, self._tokenizer)
        total = len(self._audio) // UNITS_PER_FRAME
        best: tuple[int, int, int] | None = None
        for index, run in enumerate(runs):
            end = int(frames[run.end - 1, 1])
            following = int(frames[run.end, 0]) if run.end < len(frames) else end
            cut = max(end, following - _LEAD_FRAMES)
            remaining = abs(total - cut - CONTEXT_UNITS // UNITS_PER_FRAME)
            score = _PAUSE_WEIGHT * min(following - end, _LEAD_FRAMES) - remaining
            if best is None or score > best[0]:
                best = score, cut, index
        if best is not None:
            self._audio.drop_frames(best[1])
            self._agreed = self._agreed[runs[best[2]].end :]
        else:
            excess = (len(self._audio) - WINDOW_UNITS) // UNITS_PER_FRAME
            known = (len(self._audio) - self._audio.units_since(self._stable_units)) // UNITS_PER_FRAME
            self._audio.drop_frames(min(excess, known))

    def _samples(self, units: int) -> MediaTime:
        return min(units * UNIT * self._rate // RATE, self._heard)

    def _word(self, spoken: _Spoken, floor: MediaTime, ceiling: MediaTime, *, stable: bool) -> Word:
        start = min(max(self._samples(spoken.start_at), floor), ceiling)
        end = min(max(self._samples(spoken.end_at), start), ceiling)
        return Word(spoken.text, Span(start, end), spoken.confidence, stable)


def _same(word: _Spoken, other: _Spoken) -> bool:
    return plain(word.text) == plain(other.text) and abs(word.start_at - other.start_at) <= _SAME_PLACE_UNITS


def _later(word: _Spoken, tokens: int) -> _Spoken:
    return _Spoken(word.end - tokens, word.text, word.start_at, word.end_at, word.confidence)
