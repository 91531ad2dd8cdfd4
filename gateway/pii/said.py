"""What was said, as terms and patterns are compared with it: letters and digits, however they were spaced or spelled.

Two streams. *Written*: every word and figure as it stands. *Read*: numbers as digits, whether written or spoken
("five five five", "fifty five", "double five"), and what the number head heard where no words were understood.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from gateway.core.detection import Token, Utterance
from gateway.core.patterns import Pattern
from gateway.pii.heard import cut_tokens
from gateway.pii.phrases import plain
from gateway.pii.pieces import Piece, cut
from gateway.pii.spoken import read_numbers

PATTERN_WORDS: Final = 20
"""Patterns are tried on what is not decided yet, and so many words before it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of text, from a character of a token to (before) a character of the same or a later token."""

    token: int
    start: int
    last_token: int
    end: int

    def within(self, other: Place) -> bool:
        """Whether all of it lies in `other`."""
        return (other.token, other.start) <= (self.token, self.start) and (self.last_token, self.end) <= (
            other.last_token,
            other.end,
        )

    def touches(self, other: Place) -> bool:
        """Whether they share a character."""
        return (self.token, self.start) < (other.last_token, other.end) and (other.token, other.start) < (
            self.last_token,
            self.end,
        )

    def to(self, last: Place) -> Place:
        """From the start of this place to the end of `last`."""
        return Place(self.token, self.start, last.last_token, last.end)


@dataclass(frozen=True, slots=True)
class Unit:
    """What cannot be taken apart: a word, a letter, or a number with all its words. `chars`: lower case, no signs."""

    chars: str = field(repr=False)
    place: Place
    number: bool = False
    capitals: bool = False


def written_units(pieces: Sequence[Piece]) -> list[Unit]:
    """Every piece by itself."""
    return [_unit(piece) for piece in pieces]


def read_units(pieces: Sequence[Piece]) -> list[Unit]:
    """Numbers whole, as digits; every other piece by itself."""
    number_at = {number.first: number for number in read_numbers(pieces)}
    units: list[Unit] = []
    index = 0
    while index < len(pieces):
        number = number_at.get(index)
        if number is None:
            units.append(_unit(pieces[index]))
            index += 1
        else:
            place = _unit(pieces[index]).place.to(_unit(pieces[number.end - 1]).place)
            units.append(Unit(number.digits, place, number=True))
            index = number.end
    return units


def key_of(units: Sequence[Unit]) -> str:
    """What terms and speech are compared by."""
    return "".join(unit.chars for unit in units)


def _unit(piece: Piece) -> Unit:
    chars = "".join(char for char in plain(piece.word) if char.isalnum())
    place = Place(piece.token, piece.start, piece.token, piece.end)
    return Unit(chars, place, capitals=piece.upper)


class Said:
    """One utterance in all its forms, each made when it is first asked for."""

    def __init__(self, utterance: Utterance) -> None:
        self.utterance = utterance
        self._from = max(0, utterance.decided - PATTERN_WORDS)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The words of the speaker."""
        return self.utterance.tokens

    @cached_property
    def written(self) -> list[Unit]:
        """As it stands."""
        return written_units(cut([token.text for token in self.tokens]))

    @cached_property
    def read(self) -> list[Unit]:
        """Numbers as digits."""
        return read_units(self._heard)

    @cached_property
    def read_apart(self) -> list[Unit]:
        """Numbers as digits, the last word by itself: "eight hundred five" may go on as 800, then 55."""
        return [*read_units(self._heard[:-1]), *read_units(self._heard[-1:])]

    @cached_property
    def _heard(self) -> list[Piece]:
        return cut_tokens(self.tokens, expected=True)

    @cached_property
    def words(self) -> list[Place]:
        """Every word, figure or letter, and every token that was only heard as a sound."""
        places = [unit.place for unit in self.written]
        spelled = {place.token for place in places}
        places += [
            Place(number, 0, number, len(token.text))
            for number, token in enumerate(self.tokens)
            if number not in spelled and token.sounds and token.text
        ]
        return sorted(places, key=lambda place: (place.token, place.start))

    def matches(self, pattern: Pattern) -> Iterator[Place]:
        """Where the pattern matches the text as it stands, or as it is read.

        As it is read, digits and letters said one by one stand together: "e m p four four two one" is "emp4421".
        """
        for start, end in pattern.spans(self._text[0]):
            place = self._written_place(start, end)
            if place is not None:
                yield place
        text, starts, units = self._reading
        for start, end in pattern.spans(text):
            first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
            if text[start:end].strip():
                yield units[first].place.to(units[last].place)

    @cached_property
    def _text(self) -> tuple[str, list[int]]:
        starts: list[int] = []
        position = 0
        tokens = self.tokens[self._from :]
        for token in tokens:
            starts.append(position)
            position += len(token.text) + 1
        return " ".join(token.text for token in tokens), starts

    def _written_place(self, start: int, end: int) -> Place | None:
        """The letters and digits of `text[start:end]`; None when there are none."""
        text, starts = self._text
        inner = [at for at in range(start, end) if text[at].isalnum()]
        if not inner:
            return None
        first, last = bisect_right(starts, inner[0]) - 1, bisect_right(starts, inner[-1]) - 1
        start_char, end_char = inner[0] - starts[first], inner[-1] + 1 - starts[last]
        return Place(self._from + first, start_char, self._from + last, end_char)

    @cached_property
    def _reading(self) -> tuple[str, list[int], list[Unit]]:
        """The text, where each unit starts in it, and the units."""
        parts: list[str] = []
        starts: list[int] = []
        units: list[Unit] = []
        position = 0
        for unit in self.read:
            if not unit.chars or unit.place.token < self._from:
                continue
            if units and not (_dictated(units[-1]) and _dictated(unit)):
                parts.append(" ")
                position += 1
            starts.append(position)
            parts.append(unit.chars)
            units.append(unit)
            position += len(unit.chars)
        return "".join(parts), starts, units


def _dictated(unit: Unit) -> bool:
    return unit.number or len(unit.chars) == 1
