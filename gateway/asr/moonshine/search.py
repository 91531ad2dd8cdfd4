"""Greedy search for the tokens of several windows at once, with a stop for the decoder's loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.asr.moonshine.decoder import Decoder, Decoding
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


def unguided(hidden: Floats) -> Window:
    """A window to decode with nothing agreed on."""
    return Window(hidden, (), (), len(hidden))


@dataclass(slots=True)
class Found:
    """The tokens after the agreed ones, the probability of each, and the cross-attention of all, [tokens, frames].

    `looped`: the decoder went in circles and was stopped; the circles are cut off.
    """

    tokens: list[int]
    probabilities: list[float]
    attention: Floats
    looped: bool


@dataclass(slots=True)
class _Search:
    decoding: Decoding
    numbers: NDArray[np.int64]
    agreed: int
    limit: int
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    ended: bool = False
    looped: bool = False

    def choose(self, logits: Floats) -> int:
        """Take the likeliest next token; `ended` when it is the last or the decoder goes in circles."""
        biased = logits.copy()
        biased[self.numbers] += NUMBER_BIAS
        token = int(biased.argmax())
        if token == END or len(self.tokens) >= self.limit:
            self.ended = True
            self.looped = token != END
            return END
        self.tokens.append(token)
        self.probabilities.append(_probability(logits, token))
        if (loop := self._loop()) > 0:
            del self.tokens[-loop:], self.probabilities[-loop:]
            self.ended = True
            self.looped = loop > 1
        return token

    def _loop(self) -> int:
        """How many of the last tokens repeat those before them: at the same place, or for the third time.

        A number may well repeat a digit; then the decoder looks further on each time.
        """
        count = len(self.tokens)
        last = self.agreed + count - 1
        for length in range(1, min(_LONGEST_LOOP, count // 2) + 1):
            tail = self.tokens[-length:]
            if tail != self.tokens[-2 * length : -length]:
                continue
            attention = self.decoding.attention
            now, before = int(attention[last].argmax()), int(attention[last - length].argmax())
            if now < before + _LOOP_FRAMES * min(length, 3):
                return length
            if tail == self.tokens[-3 * length : -2 * length] and not np.isin(tail, self.numbers).any():
                return 2 * length
        return 0


def search(decoder: Decoder, windows: Sequence[Window], numbers: NDArray[np.int64]) -> list[Found]:
    """The likeliest tokens of each window. All windows move on together, one token a round.

    The guess costs one call instead of one for each token: it is read together with the agreed tokens and kept as far
    as the decoder would have chosen the same. `numbers`: the tokens that NUMBER_BIAS favours.
    """
    searches = [_begin(decoder, window, numbers) for window in windows]
    while active := [one for one in searches if not one.ended]:
        decoder.step([one.decoding for one in active], [one.tokens[-1] for one in active])
        for one in active:
            one.choose(one.decoding.logits)
    return [
        Found(one.tokens, one.probabilities, one.decoding.attention[: one.agreed + len(one.tokens)], one.looped)
        for one in searches
    ]


def _begin(decoder: Decoder, window: Window, numbers: NDArray[np.int64]) -> _Search:
    agreed = len(window.agreed)
    decoding, logits = decoder.begin(window.hidden, [START, *window.agreed, *window.guess])
    limit = SPARE_TOKENS + int(TOKENS_PER_SECOND * window.open_frames * FRAME / RATE)
    one = _Search(decoding, numbers, agreed, limit)
    for position, guess in enumerate((*window.guess, None)):
        chosen = one.choose(logits[agreed + position])
        if one.ended or chosen != guess:
            decoding.keep(1 + agreed + position, logits[agreed + position])
            break
    return one


def _probability(logits: Floats, token: int) -> float:
    return float(1.0 / np.exp(logits - logits[token]).sum())
