"""One leg in the engine: what it hears, which words it has agreed on, and which may still change.

A word becomes stable, in order, when one of these holds:
  - it ended at least the stable margin before the end of what was heard;
  - it began GRACE_UNITS before that margin, and ended LONG_WORD_MARGIN_UNITS before the end: a long word;
  - SETTLED_UNITS of silence followed all speech, or the leg has ended.
Stable words that ended FORCED_UNITS ago are forced on the decoder as the beginning of its next text. It is offered the
rest of its last text too, and keeps what it would have written again. What it writes differently where all is stable
already is not told, but leads it better than its own mistake would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.alignment import align
from gateway.asr.moonshine.encoder import MIN_SAMPLES, RATE, EncoderMemory, Floats
from gateway.asr.moonshine.number_head import Sound
from gateway.asr.moonshine.search import Found, Window
from gateway.asr.moonshine.sounds import Spoken, heard_after, lay_sounds
from gateway.asr.moonshine.tokenizer import Tokenizer
from gateway.asr.moonshine.window import UNIT, UNITS_PER_FRAME, UNITS_PER_SECOND, AudioWindow
from gateway.asr.moonshine.words import TokenRun, split_spelled, word_runs
from gateway.core.hypothesis import Hypothesis, Word
from gateway.media.resample import StreamResampler
from gateway.media.timeline import MediaTime, Span

WINDOW_UNITS = 7 * UNITS_PER_SECOND // 2
"""A longer window is trimmed ..."""
CONTEXT_UNITS = 2 * UNITS_PER_SECOND
"""... to about this much, at a pause between two stable words."""
FORCED_UNITS = 3 * UNITS_PER_SECOND // 2
"""Stable words that ended this long ago are forced on the decoder; it may write later ones anew, unheard."""
SETTLED_UNITS = 36
"""So much silence ends what was being said: 288 ms."""
UNWRITTEN_FRAMES = 8
"""Words that begin in the last 192 ms are not written yet: most would be written otherwise the next time."""
EDGE_UNITS = 10
"""Of the last 80 ms nothing is known: a sound may be beginning."""
STEP_UNITS = 12
"""With less new audio (96 ms) nothing is recognised anew."""
GRACE_UNITS = 18
"""A word that began this long (144 ms) before the stable margin shall not hold back what comes after it ..."""
LONG_WORD_MARGIN_UNITS = 20
"""... and is stable once it ended 160 ms ago."""
UNEXPLAINED_UNITS = 150
"""So much sound (1.2 s) after the last word, and none written for it: the decoder has lost its way."""

MISSED_UNITS = 15
"""So much sound (120 ms) between two words may be a word that was missed ..."""
NOISE_UNITS = 3 * UNITS_PER_SECOND
"""... but so much is something else."""

CRAMMED_WORDS = 4
CRAMMED_UNITS = 4
"""Several words that got no more than 32 ms each were made up: nothing sounded like them anywhere."""

_LEAD_FRAMES = 10
_PAUSE_WEIGHT = 4


class MoonshineStream:
    """One leg. A step is `prepare`, then, when that gave audio, `request` and `conclude`, and last `hypothesis`."""

    def __init__(self, sample_rate: int, stable_margin_ms: int, tokenizer: Tokenizer) -> None:
        self._rate = sample_rate
        self._margin = stable_margin_ms * UNITS_PER_SECOND // 1000
        self._tokenizer = tokenizer
        self._resampler = StreamResampler(sample_rate, RATE)
        self._audio = AudioWindow()
        self.memory = EncoderMemory()
        self._heard: MediaTime = 0
        self._stable_until: MediaTime = 0
        self._ended = False
        self._stable_units = 0
        self._tokens: list[int] = []  # what was last written for the whole window
        self._forced = 0  # so many of them the decoder must repeat
        self._forced_until = 0
        self._ready: list[Spoken] = []
        self._tail: list[Spoken] = []
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
        if not final and self._only_begins():
            return None
        return self._audio.samples

    def _only_begins(self) -> bool:
        """Whether all that is new is the beginning of speech after silence: no word of it would be written yet."""
        first, silence = self._audio.first_sound_since(self._decoded_until)
        if self._tail or silence < SETTLED_UNITS or self._audio.received - first >= UNWRITTEN_FRAMES * UNITS_PER_FRAME:
            return False
        self._stable_units = max(self._stable_units, first - EDGE_UNITS)
        return True

    def request(self, hidden: Floats) -> Window:
        """What to decode, given the encoded window."""
        open_frames = self._audio.units_since(self._forced_until) // UNITS_PER_FRAME
        words_until = len(hidden) - (0 if self._ended else UNWRITTEN_FRAMES)
        return Window(hidden, self._tokens[: self._forced], self._tokens[self._forced :], open_frames, words_until)

    def forget_text(self) -> None:
        """What comes to `conclude` next was found without regard to the text so far."""
        self._forced, self._tokens = 0, []

    def believes(self, found: Found) -> bool:
        """Whether what was found may be the truth: no circles, and no long stretch of sound without a word."""
        if found.looped:
            return False
        looked_at = int(found.attention[-1].argmax()) + 1 if len(found.attention) else 0
        return self._audio.sounds_after(looked_at) < UNEXPLAINED_UNITS

    def conclude(self, found: Found, sounds: Sequence[Sound]) -> None:
        """Take what was found and what the number head heard: make words, see which are stable, trim the window."""
        forced = self._forced
        self._tokens = [*self._tokens[:forced], *found.tokens]
        probabilities = [1.0] * forced + found.probabilities
        runs = word_runs(self._tokens, self._tokenizer)
        starts = np.zeros(len(self._tokens), dtype=np.bool_)
        starts[[run.first for run in runs]] = True
        frames = align(found.attention, self._audio.quiet_frames(found.attention.shape[1]), starts)
        self._decoded_until = self._audio.received
        self._decoded_silence = self._audio.silence
        self._new_sounds = 0
        words = self._spoken(self._pieces(runs, frames), probabilities, frames)
        told = max((index + 1 for index, word in enumerate(words) if self._is_told(word)), default=0)
        if _crammed(words[told:]):
            words = words[:told]
            self._tokens = self._tokens[: words[-1].end if words else 0]
        before = words[told - 1].end if told else 0
        self._tail = lay_sounds(words[told:], heard_after(self._stable_units, sounds, self._audio), before)
        stable = self._count_stable()
        self._ready += self._tail[:stable]
        self._tail = self._tail[stable:]
        if stable:
            self._stable_units = max(self._stable_units, self._ready[-1].end_at)
            before = self._ready[-1].end
        self._move_stable()
        known = [word for word in words if word.end <= before]
        if len(self._audio) > WINDOW_UNITS:
            known = self._trim(known, frames)
        old = [word for word in known if word.end_at < self._audio.received - FORCED_UNITS]
        self._forced = old[-1].end if old else 0
        self._forced_until = old[-1].end_at if old else 0

    def hypothesis(self) -> Hypothesis:
        """The answer to this step."""
        silent = self._audio.silence >= SETTLED_UNITS
        if self._ended or silent:
            self._ready += self._tail
            self._tail = []
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

    def _spoken(
        self, runs: Sequence[TokenRun], probabilities: Sequence[float], frames: NDArray[np.int64]
    ) -> list[Spoken]:
        words = []
        for run in runs:
            start = self._audio.start_of(int(frames[run.first, 0]))
            end = max(self._audio.end_of(int(frames[run.end - 1, 1])), start + 1)
            words.append(Spoken(run.end, run.text, start, end, float(np.mean(probabilities[run.first : run.end]))))
        return words

    def _is_told(self, word: Spoken) -> bool:
        """Whether the word lies, for the greater part, where everything is known already."""
        return word.start_at + word.end_at < 2 * self._stable_units

    def _pieces(self, runs: Sequence[TokenRun], frames: NDArray[np.int64]) -> list[TokenRun]:
        """The runs; a spelled word or number is cut where it was told so far, and, when it is too long to wait for,
        behind what ended a margin ago.
        """
        pieces: list[TokenRun] = []
        known = self._audio.received - self._margin
        starts = [self._audio.start_of(int(frame)) for frame in frames[:, 0]]
        ends = [self._audio.end_of(int(frame)) for frame in frames[:, 1]]
        for run in runs:
            if starts[run.first] < self._stable_units < ends[run.end - 1]:
                tokens = range(run.first, run.end)
                told = sum(starts[token] + ends[token] < 2 * self._stable_units for token in tokens)
                *before, run = split_spelled(run, run.first + told, self._tokens, self._tokenizer)
                pieces += before
            if starts[run.first] < known - GRACE_UNITS and ends[run.end - 1] > known:
                spoken = sum(ends[token] <= known for token in range(run.first, run.end))
                pieces += split_spelled(run, run.first + spoken, self._tokens, self._tokenizer)
            else:
                pieces.append(run)
        return pieces

    def _count_stable(self) -> int:
        if self._ended:
            return len(self._tail)
        edge = self._audio.received
        for index, word in enumerate(self._tail):
            long = word.start_at < edge - self._margin - GRACE_UNITS
            if word.end_at > edge - (min(self._margin, LONG_WORD_MARGIN_UNITS) if long else self._margin):
                return index
        return len(self._tail)

    def _move_stable(self) -> None:
        """Nothing is spoken before the first unstable word; with none, nothing some time ago.

        But sound for which no word was written may be speech that was missed: it stays unknown, unless it goes on for
        so long that it is no speech.
        """
        edge = self._audio.received
        until = self._tail[0].start_at if self._tail else edge - self._margin - GRACE_UNITS
        unexplained = self._audio.sounds_between(self._stable_units, until)
        if not MISSED_UNITS < unexplained < NOISE_UNITS:
            self._stable_units = max(self._stable_units, min(until, edge - EDGE_UNITS))

    def _trim(self, known: Sequence[Spoken], frames: NDArray[np.int64]) -> list[Spoken]:
        """Cut the window behind a known word, best in a pause, to about CONTEXT_UNITS; returns the words left."""
        total = len(self._audio) // UNITS_PER_FRAME
        told = (len(self._audio) - self._audio.units_since(self._stable_units)) // UNITS_PER_FRAME
        best: tuple[int, int, int] | None = None
        for word in known:
            end = int(frames[word.end - 1, 1])
            following = int(frames[word.end, 0]) if word.end < len(frames) else end
            cut = max(end, min(following - _LEAD_FRAMES, told))
            distance = abs(total - cut - CONTEXT_UNITS // UNITS_PER_FRAME)
            score = _PAUSE_WEIGHT * min(following - end, _LEAD_FRAMES) - distance
            if best is None or score > best[0]:
                best = score, cut, word.end
        if best is not None:
            self._drop(best[1])
            self._tokens = self._tokens[best[2] :]
            return [replace(word, end=word.end - best[2]) for word in known if word.end > best[2]]
        excess = (len(self._audio) - WINDOW_UNITS) // UNITS_PER_FRAME
        self._drop(min(excess, told))
        return []

    def _drop(self, frames: int) -> None:
        self._audio.drop_frames(frames)
        self.memory.drop_frames(frames)

    def _samples(self, units: int) -> MediaTime:
        return min(units * UNIT * self._rate // RATE, self._heard)

    def _word(self, spoken: Spoken, floor: MediaTime, ceiling: MediaTime, *, stable: bool) -> Word:
        start = min(max(self._samples(spoken.start_at), floor), ceiling)
        end = min(max(self._samples(spoken.end_at), start), ceiling)
        return Word(spoken.text, Span(start, end), spoken.confidence, stable, spoken.sounds)


def _crammed(words: Sequence[Spoken]) -> bool:
    short = sum(word.end_at - word.start_at <= CRAMMED_UNITS for word in words)
    return short >= CRAMMED_WORDS and 2 * short > len(words)
