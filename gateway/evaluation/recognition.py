"""Which labelled words the recogniser understood: the ceiling of everything that is found in its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.evaluation.caption_scoring import ShownWord
from gateway.evaluation.labels import LabelledWord
from gateway.evaluation.spoken_words import is_number_word, pieces, shows

SLACK_MS = 200
"""A recognised word may lie so far beside the labelled one: edges are off by as much."""

LETTERS_PER_ERROR = 5
"""One wrong letter in so many is still the word ("Nguyen" as "Nguyan")."""


def matches(word: LabelledWord, heard: Sequence[ShownWord]) -> list[ShownWord]:
    """The recognised words, of the same leg, that are the labelled word: none when it was not understood.

    Case and punctuation do not count, figures are number words, and a small spelling error is forgiven, but not in
    numbers.
    """
    near = [one for one in heard if one.start_ms < word.end_ms + SLACK_MS and one.end_ms > word.start_ms - SLACK_MS]
    exact = [one for one in near if shows(one.text, word.text) or _spells(one.text, word.text)]
    return exact or [one for one in near if _is_nearly(one.text, word.text)]


def _spells(text: str, said: str) -> bool:
    """Whether `said` is a letter that is written in a row of capitals ("B" in "BXR")."""
    letter = "".join(pieces(said)).upper()
    written = "".join(ch for ch in text if ch.isalpha())
    return len(letter) == 1 and len(written) > 1 and written.isupper() and letter in written


def _is_nearly(text: str, said: str) -> bool:
    if is_number_word(said):
        return False
    wanted = "".join(pieces(said))
    allowed = len(wanted) // LETTERS_PER_ERROR
    return allowed > 0 and any(_distance(wanted, piece) <= allowed for piece in _candidates(text))


def _candidates(text: str) -> Iterable[str]:
    parts = pieces(text)
    return [*parts, "".join(parts)]


def _distance(first: str, second: str) -> int:
    """Levenshtein's edit distance."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
