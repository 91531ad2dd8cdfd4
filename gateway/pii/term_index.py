"""Finds many terms in what was said, and tells when what was said last may become one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.patterns import Pattern
from gateway.core.terms import PATTERN_PREFIX
from gateway.pii.lexicon import FILLERS, REPEATS
from gateway.pii.pieces import cut
from gateway.pii.said import Place, Said, Unit, key_of, read_units, written_units

_TELLING_CHARS: Final = 4
_BEGUN: Final = 1.0
_PERHAPS_BEGUN: Final = 0.35
"""How probable a term is after one short word of it, such as "the"."""


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term of `label`, or what a pattern of it matches."""

    label: str
    place: Place
    by_pattern: bool


class _Keys:
    """Terms as they are compared with one stream: sorted, so that what begins alike is together."""

    def __init__(self, keys: dict[str, str], first_words: frozenset[str]) -> None:
        self._keys = sorted(keys)
        self._labels = [keys[key] for key in self._keys]
        self._first_words = first_words

    def matches(self, units: Sequence[Unit]) -> Iterator[TermMatch]:
        """The longest term that starts at each unit."""
        for index in range(len(units) if self._keys else 0):
            found: TermMatch | None = None
            for end, at, equal in self._growing(units, index):
                if equal:
                    place = units[index].place.to(units[end - 1].place)
                    found = TermMatch(self._labels[at], place, by_pattern=False)
            if found is not None:
                yield found

    def open_from(self, units: Sequence[Unit], *, cut_off: bool) -> Iterator[tuple[Place, float]]:
        """Where the last units are the beginning of a longer term, and how probable it is that they are.

        `cut_off`: the last unit may be only the first part of a word.
        """
        for index in range(len(units) if self._keys else 0):
            end, at, equal = max(self._growing(units, index), default=(-1, 0, False))
            if end < len(units) or (equal and not self._longer(at + 1, self._keys[at])):
                continue
            said = key_of(units[index:])
            alone = len(units) - index == 1
            if alone and not cut_off and said not in self._first_words:
                continue
            likely = _PERHAPS_BEGUN if alone and len(said) < _TELLING_CHARS else _BEGUN
            yield units[index].place, likely

    def _growing(self, units: Sequence[Unit], index: int) -> Iterator[tuple[int, int, bool]]:
        """(end, place in the keys, whether equal) for each `units[index:end]` that a key begins with."""
        said = ""
        for end in range(index + 1, len(units) + 1):
            said += units[end - 1].chars
            at = bisect_left(self._keys, said)
            if not said or not self._longer(at, said):
                return
            yield end, at, self._keys[at] == said

    def _longer(self, at: int, said: str) -> bool:
        return at < len(self._keys) and self._keys[at].startswith(said)


class TermIndex:
    """`terms`: (label, term) pairs; of a term that has two labels the first counts. Built once.

    A term's words are compared without regard to case, punctuation and spacing, its numbers in any spelling.
    """

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        written: dict[str, str] = {}
        read: dict[str, str] = {}
        first_words: set[str] = set()
        self._patterns: list[tuple[str, Pattern]] = []
        for label, term in terms:
            if term.startswith(PATTERN_PREFIX):
                self._patterns.append((label, Pattern(term.removeprefix(PATTERN_PREFIX))))
                continue
            pieces = cut(term.split())
            for keys, units in ((written, written_units(pieces)), (read, read_units(pieces))):
                if keys is read and not any(unit.number for unit in units):
                    continue
                if key := key_of(units):
                    keys.setdefault(key, label)
                    first_words.add(units[0].chars)
        self._written = _Keys(written, frozenset(first_words))
        self._read = _Keys(read, frozenset(first_words))

    def matches(self, said: Said) -> list[TermMatch]:
        """All that is found, in no order; matches may overlap."""
        found: dict[TermMatch, None] = {}
        for keys, units in ((self._written, said.written), (self._read, said.read)):
            for form in _with_and_without_fillers(units):
                found.update(dict.fromkeys(keys.matches(form)))
        for label, pattern in self._patterns:
            found.update(dict.fromkeys(TermMatch(label, place, by_pattern=True) for place in said.matches(pattern)))
        return list(found)

    def open_from(self, said: Said) -> list[tuple[int, float]]:
        """(token, probability) where the end of the utterance may be the beginning of a term. Patterns have none."""
        cut_off = said.utterance.silence_ms == 0
        found: dict[int, float] = {}
        for keys, units in ((self._written, said.written), (self._read, said.read), (self._read, said.read_apart)):
            for form in _with_and_without_fillers(units):
                for unfinished in _unfinished(form):
                    for place, likely in keys.open_from(unfinished, cut_off=cut_off):
                        found[place.token] = max(likely, found.get(place.token, 0.0))
        return sorted(found.items())


def _with_and_without_fillers(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    yield units
    spoken = [unit for unit in units if unit.chars not in FILLERS]
    if len(spoken) < len(units):
        yield spoken


def _unfinished(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """What was said, and the other ways its last number may go on: "ninety" as in 99, "double" as in 55."""
    yield units
    if not units:
        return
    last = units[-1]
    if last.chars in REPEATS:
        yield units[:-1]
    begun = last.chars.rstrip("0")
    if last.number and begun and begun != last.chars:
        yield [*units[:-1], Unit(begun, last.place, number=True)]
