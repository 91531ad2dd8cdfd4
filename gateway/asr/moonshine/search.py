"""Greedy search for the tokens of several windows at once, with a stop for the decoder's loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gateway.asr.moonshine.network import FRAME, RATE, Decoder, Decoding, Floats
from gateway.asr.moonshine.tokenizer import END, START

TOKENS_PER_SECOND = 6.5
"""More than anybody says; a decoder that writes more is looping."""
SPARE_TOKENS = 4

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
    """The tokens after the agreed ones, the probability of each, and the cross-attention of all, [tokens, frames]."""

    tokens: list[int]
    probabilities: list[float]
    attention: Floats


@dataclass(slots=True)
class _Search:
    decoding: Decoding
    agreed: int
    limit: int
    tokens: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    ended: bool = False

    def choose(self, logits: Floats) -> int:
        """Take the likeliest next token; `ended` when it is the last or the decoder goes in circles."""
        token = int(logits.argmax())
        if token == END or len(self.tokens) >= self.limit:
            self.ended = True
            return END
        self.tokens.append(token)
        self.probabilities.append(_probability(logits, token))
        if (loop := self._loop()) > 0:
            del self.tokens[-loop:], self.probabilities[-loop:]
            self.ended = True
        return token

    def _loop(self) -> int:
        """The length of the last tokens when they repeat those before them and look at the same frames."""
        count = len(self.tokens)
        attention = self.decoding.attention
        for length in range(1, min(_LONGEST_LOOP, count // 2) + 1):
            if self.tokens[-length:] != self.tokens[-2 * length : -length]:
                continue
            last = self.agreed + count - 1
            now, before = int(attention[last].argmax()), int(attention[last - length].argmax())
            if now < before + _LOOP_FRAMES * min(length, 3):
                return length
        return 0


def search(decoder: Decoder, windows: Sequence[Window]) -> list[Found]:
    """The likeliest tokens of each window. All windows move on together, one token a round.

    The guess costs one call instead of one for each token: it is read together with the agreed tokens and kept as far
    as the decoder would have chosen the same.
    """
    searches = [_begin(decoder, window) for window in windows]
    while active := [one for one in searches if not one.ended]:
        decoder.step([one.decoding for one in active], [one.tokens[-1] for one in active])
        for one in active:
            one.choose(one.decoding.logits)
    return [
        Found(one.tokens, one.probabilities, one.decoding.attention[: one.agreed + len(one.tokens)]) for one in searches
    ]


def _begin(decoder: Decoder, window: Window) -> _Search:
    agreed = len(window.agreed)
    decoding, logits = decoder.begin(window.hidden, [START, *window.agreed, *window.guess])
    limit = SPARE_TOKENS + int(TOKENS_PER_SECOND * window.open_frames * FRAME / RATE)
    one = _Search(decoding, agreed, limit)
    for position, guess in enumerate((*window.guess, None)):
        chosen = one.choose(logits[agreed + position])
        if one.ended or chosen != guess:
            decoding.keep(1 + agreed + position, logits[agreed + position])
            break
    return one


def _probability(logits: Floats, token: int) -> float:
    return float(1.0 / np.exp(logits - logits[token]).sum())
