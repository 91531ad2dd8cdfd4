"""Greedy search for the tokens of several windows at once, with a stop for the decoder's loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.decoder import Decoder, Sequences
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

    `open_frames`: how many frames at the window's end lie after the agreed tokens.
    """

    hidden: Floats
    agreed: Sequence[int]
    guess: Sequence[int]
    open_frames: int


@dataclass(slots=True)
class Found:
    """The tokens after the agreed ones, the probability of each, and the cross-attention of all, [tokens, frames].

    `looped`: the decoder went in circles and was stopped; the circles are cut off.
    """

    tokens: list[int]
    probabilities: list[float]
    attention: Floats
    looped: bool


def unguided(window: Window, found: Found) -> Window:
    """The same window with nothing agreed on. What was found at first is the guess; it only saves time."""
    return Window(window.hidden, (), (*window.agreed, *found.tokens), len(window.hidden))


@dataclass(slots=True)
class _Search:
    window: Window
    numbers: NDArray[np.int64]
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    ended: bool = False
    looped: bool = False

    @property
    def prefix(self) -> list[int]:
        """What is read at once: all that is agreed on, and the guess."""
        return [START, *self.window.agreed, *self.window.guess]

    @property
    def limit(self) -> int:
        """So many tokens may follow the agreed ones."""
        return SPARE_TOKENS + int(TOKENS_PER_SECOND * self.window.open_frames * FRAME / RATE)

    def choose(self, logits: Floats, written: NDArray[np.int64], attention: Floats) -> int:
        """Take the likeliest next token; `ended` when it is the last or the decoder goes in circles.

        `numbers` are columns of the logits; `written` the token of each column.
        """
        column = int(logits.argmax())
        number = int(self.numbers[logits[self.numbers].argmax()])
        if (logits[number] + NUMBER_BIAS, column) > (logits[column], number):
            column = number
        token = int(written[column])
        if token == END or len(self.tokens) >= self.limit:
            self.ended = True
            self.looped = token != END
            return END
        self.tokens.append(token)
        self.probabilities.append(_probability(logits, column))
        if (loop := self._loop(attention, written[self.numbers])) > 0:
            del self.tokens[-loop:], self.probabilities[-loop:]
            self.ended = True
            self.looped = loop > 1
        return token

    def _loop(self, attention: Floats, numbers: NDArray[np.int64]) -> int:
        """How many of the last tokens repeat those before them: at the same place, or for the third time.

        A number may well repeat a digit; then the decoder looks further on each time.
        """
        count = len(self.tokens)
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


def search(decoder: Decoder, windows: Sequence[Window], numbers: NDArray[np.int64]) -> list[Found]:
    """The likeliest tokens of each window. All windows move on together, one token a round.

    The guess costs one call instead of one for each token: it is read together with the agreed tokens and kept as far
    as the decoder would have chosen the same. `numbers`: the tokens that NUMBER_BIAS favours.
    """
    columns = np.searchsorted(decoder.written, numbers)
    searches = [_Search(window, columns) for window in windows]
    room = max((len(one.prefix) + one.limit for one in searches), default=0)
    sequences = decoder.begin([window.hidden for window in windows], room)
    for place, one in enumerate(searches):
        _read_guess(decoder, sequences, place, one)
    active = list(searches)
    found: dict[int, Found] = {}
    while active:
        for place in reversed(range(len(active))):
            if active[place].ended:
                found[id(active[place])] = _found(active[place], sequences.attention(place))
                sequences.drop(place)
                last = active.pop()
                if place < len(active):
                    active[place] = last
        if active:
            logits = decoder.step(sequences, [one.tokens[-1] for one in active])
            for place, one in enumerate(active):
                one.choose(logits[place], decoder.written, sequences.attention(place))
    return [found[id(one)] for one in searches]


def _read_guess(decoder: Decoder, sequences: Sequences, place: int, one: _Search) -> None:
    guess = one.window.guess
    logits = decoder.read(sequences, place, one.prefix, len(guess) + 1)
    attention = sequences.attention(place)
    for position, guessed in enumerate((*guess, None)):
        if one.choose(logits[position], decoder.written, attention) != guessed or one.ended:
            sequences.keep(place, 1 + len(one.window.agreed) + position)
            break


def _found(one: _Search, attention: Floats) -> Found:
    rows = attention[: len(one.window.agreed) + len(one.tokens)].copy()
    return Found(one.tokens, one.probabilities, rows, one.looped)


def _probability(logits: Floats, column: int) -> float:
    return float(1.0 / np.exp(logits - logits[column]).sum())
