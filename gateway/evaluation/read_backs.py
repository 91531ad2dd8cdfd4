"""Unlabelled words: ordinary ones, and read-backs, which repeat digits of a label and should be covered too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.evaluation.labels import LabelledTurn, LabelledWord
from gateway.evaluation.spoken_words import digits_of

REPEATED_DIGITS = 3
"""So many digits in the same order are no accident."""


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """The words of every turn that no span labels, with their leg."""

    ordinary: tuple[tuple[int, LabelledWord], ...]
    read_backs: tuple[tuple[int, LabelledWord], ...]


def unlabelled_words(turns: Sequence[LabelledTurn]) -> Unlabelled:
    """Sort the unlabelled words of a recording."""
    numbers = [
        digits
        for turn in turns
        for span in turn.spans
        if len(digits := "".join(digits_of(word.text) for word in turn.words[span.first : span.end])) >= REPEATED_DIGITS
    ]
    ordinary: list[tuple[int, LabelledWord]] = []
    read_backs: list[tuple[int, LabelledWord]] = []
    for turn in turns:
        labelled = {index for span in turn.spans for index in range(span.first, span.end)}
        repeating = _repeating(turn, labelled, numbers)
        for index, word in enumerate(turn.words):
            if index not in labelled:
                (read_backs if index in repeating else ordinary).append((turn.leg, word))
    return Unlabelled(tuple(ordinary), tuple(read_backs))


def _repeating(turn: LabelledTurn, labelled: set[int], numbers: Sequence[str]) -> set[int]:
    """Places of the unlabelled words of a turn whose digits, in a row, are part of a labelled number."""
    digits = [
        (digit, index)
        for index, word in enumerate(turn.words)
        if index not in labelled
        for digit in digits_of(word.text)
    ]
    found: set[int] = set()
    for start in range(len(digits) - REPEATED_DIGITS + 1):
        window = digits[start : start + REPEATED_DIGITS]
        # A word between two digits may be "and" or "dash", but no more than that.
        close = all(after[1] - before[1] <= 2 for before, after in pairwise(window))
        if close and any("".join(digit for digit, _ in window) in number for number in numbers):
            found.update(index for _, index in window)
    return found
