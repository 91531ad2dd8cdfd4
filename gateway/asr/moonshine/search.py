"""Greedy search for the tokens of several windows at once, with a stop for the decoder's loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.decoder import Sequences
from gateway.asr.moonshine.encoder import FRAME, RATE, Floats
from gateway.asr.moonshine.tokenizer import END, START

TOKENS_PER_SECOND = 6.5
"""More than anybody says; a decoder that writes more is looping."""
SPARE_TOKENS = 8

NUMBER_BIAS = 3.0
"""Added to the logit of every token that is a digit or a digit's name (contextual biasing).

A digit heard as a like-sounding word ("for", "wrong") is the costliest mistake there is here. `docs/engines.md` tells
what it gains and what it costs in false numbers.
"""

_LONGEST_LOOP = 12
_LOOP_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Window:
    """What to decode: encoded frames, the tokens already agreed on, and a guess at those that follow.

    `open_frames`: how many frames at the window's end lie after the agreed tokens. `words_until`: in the frames from
    there on no more words are begun: what was heard so late will be written anew when there is more to hear.
    """

    hidden: Floats
    agreed: Sequence[int]
    guess: Sequence[int]
    open_frames: int
    words_until: int


class Reader(Protocol):
    """What the search needs of a decoder (`Decoder`)."""

    def begin(self, windows: Sequence[Floats], room: int) -> Sequences:
        """A sequence for each window; `room`: how many tokens may be read of each."""
        ...

    def read(
        self, sequences: Sequences, first: int, texts: Sequence[Sequence[int]], wanted: Sequence[int]
    ) -> Sequence[Floats]:
        """Sequences from place `first` on read a text each; the logits after so many of its last tokens."""
        ...

    def step(self, sequences: Sequences, tokens: Sequence[int]) -> Floats:
        """Each sequence reads one more token; the logits after it."""
        ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the search knows of tokens, by column of the logits.

    `written`: the token of each column. `numbers`: the columns that NUMBER_BIAS favours. `begins`: which of all columns
    begin a word.
    """

    written: NDArray[np.int64]
    numbers: NDArray[np.int64]
    begins: NDArray[np.bool_]


@dataclass(slots=True)
class Found:
    """The tokens after the agreed ones, the probability of each, and the cross-attention of all, [tokens, frames].

    `looped`: the decoder went in circles and was stopped; the circles are cut off. `afresh`: nothing was agreed on.
    """

    tokens: list[int]
    probabilities: list[float]
    attention: Floats
    looped: bool
    afresh: bool


@dataclass(slots=True)
class _Search:
    index: int
    window: Window
    vocabulary: Vocabulary
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    ended: bool = False
    looped: bool = False
    doubted: Found | None = None
    """What was found at first, when this is the search that goes without it."""

    @property
    def prefix(self) -> list[int]:
        """What is read at once: all that is agreed on, and the guess."""
        return [START, *self.window.agreed, *self.window.guess]

    def afresh(self, doubted: Found) -> _Search:
        """A search with nothing agreed on. What was found at first is the guess; it only saves time."""
        frames = len(self.window.hidden)
        window = Window(self.window.hidden, (), (*self.window.agreed, *doubted.tokens), frames, self.window.words_until)
        return _Search(self.index, window, self.vocabulary, doubted=doubted)

    def found(self, attention: Floats) -> Found:
        """The outcome; `attention` is that of all that was read."""
        rows = attention[: len(self.window.agreed) + len(self.tokens)].copy()
        return Found(self.tokens, self.probabilities, rows, self.looped, self.doubted is not None)

    def choose(self, logits: Floats, attention: Floats) -> int:
        """Take the likeliest next token; `ended` when it is the last, begins a word too late, or goes in circles."""
        vocabulary = self.vocabulary
        column = int(logits.argmax())
        number = int(vocabulary.numbers[logits[vocabulary.numbers].argmax()])
        if (logits[number] + NUMBER_BIAS, column) > (logits[column], number):
            column = number
        token = int(vocabulary.written[column])
        if token == END or len(self.tokens) >= _limit(self.window.open_frames):
            self.ended = True
            self.looped = token != END
            return END
        looked_at = int(attention[len(self.window.agreed) + len(self.tokens)].argmax())
        if vocabulary.begins[column] and looked_at >= self.window.words_until:
            self.ended = True
            return END
        self.tokens.append(token)
        self.probabilities.append(_probability(logits, column))
        if (loop := self._loop(attention)) > 0:
            del self.tokens[-loop:], self.probabilities[-loop:]
            self.ended = True
            self.looped = loop > 1
        return token

    def _loop(self, attention: Floats) -> int:
        """How many of the last tokens repeat those before them: at the same place, or for the third time.

        A number may well repeat a digit; then the decoder looks further on each time.
        """
        count = len(self.tokens)
        numbers = self.vocabulary.written[self.vocabulary.numbers]
        last = len(self.window.agreed) + count - 1
        for length in range(1, min(_LONGEST_LOOP, count // 2) + 1):
            tail = self.tokens[-length:]
            if tail != self.tokens[-2 * length : -length]:
                continue
            now, before = int(attention[last].argmax()), int(attention[last - length].argmax())
            if now < before + _LOOP_FRAMES * min(length, 3):
                return length
            if tail == self.tokens[-3 * length : -2 * length] and not np.isin(tail, numbers).any():
                return 2 * length
        return 0


def search(
    decoder: Reader,
    windows: Sequence[Window],
    vocabulary: Vocabulary,
    believes: Callable[[int, Found], bool] = lambda index, found: True,
) -> list[Found]:
    """The likeliest tokens of each window. All windows move on together, one token a round.

    The guess costs one call instead of one for each token: it is read together with the agreed tokens and kept as far
    as the decoder would have chosen the same.

    `believes` is asked about what was found in a window, by its index. What it does not believe is searched afresh,
    with nothing agreed on; should it not believe that either, the first stands.
    """
    active = [_Search(index, window, vocabulary) for index, window in enumerate(windows)]
    sequences = decoder.begin([window.hidden for window in windows], max(map(_room, windows), default=0))
    _read_guesses(decoder, sequences, 0, active)
    outcome: dict[int, Found] = {}
    while active:
        for place in reversed(range(len(active))):
            while active[place].ended:
                one, found = active[place], active[place].found(sequences.attention(place))
                believed = believes(one.index, found)
                if believed or one.doubted:
                    outcome[one.index] = found if believed or not one.doubted else one.doubted
                    sequences.drop(place)
                    active[place] = active[-1]
                    del active[-1]
                    break
                active[place] = one.afresh(found)
                sequences.keep(place, 0)
                _read_guesses(decoder, sequences, place, active[place : place + 1])
        if active:
            logits = decoder.step(sequences, [one.tokens[-1] for one in active])
            for place, one in enumerate(active):
                one.choose(logits[place], sequences.attention(place))
    return [outcome[index] for index in range(len(windows))]


def _room(window: Window) -> int:
    """How many tokens may be read of a window, the search afresh included."""
    first = len(window.agreed) + max(len(window.guess), _limit(window.open_frames))
    return 1 + max(first, _limit(len(window.hidden)))


def _limit(open_frames: int) -> int:
    return SPARE_TOKENS + int(TOKENS_PER_SECOND * open_frames * FRAME / RATE)


def _read_guesses(decoder: Reader, sequences: Sequences, first: int, searches: Sequence[_Search]) -> None:
    """Let searches, in places from `first` on, read what is agreed on and their guesses; keep what they would write."""
    if not searches:
        return
    wanted = [len(one.window.guess) + 1 for one in searches]
    logits = decoder.read(sequences, first, [one.prefix for one in searches], wanted)
    for place, (one, rows) in enumerate(zip(searches, logits, strict=True), first):
        attention = sequences.attention(place)
        for position, guessed in enumerate((*one.window.guess, None)):
            if one.choose(rows[position], attention) != guessed or one.ended:
                sequences.keep(place, 1 + len(one.window.agreed) + position)
                break


def _probability(logits: Floats, column: int) -> float:
    return float(1.0 / np.exp(logits - logits[column]).sum())
