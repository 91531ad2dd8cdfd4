"""Finds what a policy of the operator announces by a cue: "my badge number is a seven three"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.custom_policies import CustomPolicy, ValueKind
from gateway.core.detection import Token, Utterance
from gateway.core.patterns import Pattern
from gateway.pii.lexicon import FILLERS, JOINERS, PHONETIC_ALPHABET
from gateway.pii.said import Place, Said, Unit
from gateway.pii.term_index import TermIndex

WITHIN_WORDS: Final = 8
"""A value begins so many words after its cue at most."""
WITHIN_ANSWER: Final = 12
"""A value begins so many words after the question of the other party at most."""
_SHORT_CODE: Final = 4
"""Letters in capitals, or beside figures, are a part of a value up to this length."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits, or digits and letters, in a row: `units[first:end]`, `length` characters; `digits` of them are."""

    first: int
    end: int
    length: int
    digits: int


class CueFinder:
    """Finds the values of one policy, which has cues."""

    def __init__(self, policy: CustomPolicy) -> None:
        assert policy.value is not None
        self._value = policy.value
        self._cues = TermIndex((policy.name, cue) for cue in policy.cues)
        self._pattern = Pattern(policy.value.pattern) if policy.value.kind is ValueKind.PATTERN else None

    def find(self, said: Said) -> tuple[list[Place], list[int]]:
        """The values, and the tokens from which on a value has begun that is too short yet."""
        windows = list(self._windows(said))
        if not windows:
            return [], []
        if self._pattern is not None:
            begins = {(said.read[at].place.token, said.read[at].place.start) for window in windows for at in window}
            return [place for place in said.matches(self._pattern) if (place.token, place.start) in begins], []
        places: list[Place] = []
        open_from: list[int] = []
        for window in windows:
            for run in self._runs(said.read, window):
                first, last = said.read[run.first].place, said.read[run.end - 1].place
                if self._value.least <= run.length <= self._value.most:
                    places.append(first.to(last))
                    break
                if run.length < self._value.least and _at_end(said.read, run.end):
                    open_from.append(first.token)
        return places, open_from

    def _windows(self, said: Said) -> Iterator[range]:
        """The units in which a value may begin: after a cue of the speaker's, or after a question."""
        units = said.read
        for match in self._cues.matches(said):
            after = (match.place.last_token, match.place.end)
            start = next((at for at, unit in enumerate(units) if (unit.place.token, unit.place.start) >= after), None)
            if start is not None:
                yield range(start, min(start + WITHIN_WORDS, len(units)))
        for turn in said.utterance.others:
            asked = Said(Utterance(tuple(Token(text) for text in turn.text.split())))
            if self._cues.matches(asked):
                start = next((at for at, unit in enumerate(units) if unit.place.token >= turn.before), None)
                if start is not None:
                    yield range(start, min(start + WITHIN_ANSWER, len(units)))

    def _runs(self, units: Sequence[Unit], window: range) -> Iterator[_Run]:
        at = window.start
        while at < window.stop:
            run = self._run(units, at)
            if run is not None:
                yield run
            at = run.end if run is not None else at + 1

    def _run(self, units: Sequence[Unit], first: int) -> _Run | None:
        length = digits = 0
        at = end = first
        while at < len(units):
            unit = units[at]
            size = self._size(units, at)
            if size:
                length, end = length + size, at + 1
                digits += size if unit.number else 0
            elif length == 0 or unit.chars not in FILLERS | JOINERS:
                # "b as in boy": the word only says which letter it is
                if not (length and unit.chars == "as" and at + 2 < len(units) and units[at + 1].chars == "in"):
                    break
                at += 2
                end = at + 1
            at += 1
        spelled = length >= self._value.least and self._value.kind is ValueKind.ALPHANUMERIC
        return _Run(first, end, length, digits) if digits or spelled else None

    def _size(self, units: Sequence[Unit], at: int) -> int:
        """How many characters of a value the unit is; 0 for any other word."""
        unit = units[at]
        if unit.number:
            return len(unit.chars)
        if self._value.kind is ValueKind.DIGITS:
            return 0
        if len(unit.chars) == 1 or unit.chars in PHONETIC_ALPHABET:
            return 1
        beside = [units[other] for other in (at - 1, at + 1) if 0 <= other < len(units)]
        in_code = any(other.number and other.place.token == unit.place.token for other in beside)
        return len(unit.chars) if (unit.capitals or in_code) and len(unit.chars) <= _SHORT_CODE else 0


def _at_end(units: Sequence[Unit], end: int) -> bool:
    return all(unit.chars in FILLERS | JOINERS for unit in units[end:])
