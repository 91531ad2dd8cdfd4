"""When a listed word is a medicine, a disease or a treatment."""

from __future__ import annotations

from typing import Final

from gateway.pii.lexicon import words
from gateway.pii.phrases import Match
from gateway.pii.rules.reading import Reading
from gateway.pii.rules.wording import asked, closes, describes, within

_TAKING: Final = words("take takes taking took taken on prescribed prescription dose mg pill pills refill of")
_HAVING: Final = words(
    "have has had having diagnosed diagnosis suffer suffers suffering suffered from of with got survived my his her "
    "getting beat treat treated treating positive history severe chronic stage "
    "removed over"
)
_ASK_HEALTH: Final = words(
    "condition conditions diagnosis diagnosed symptoms medical health wrong history surgery surgeries procedure "
    "procedures treatment treatments illness disease problem problems"
)
_NOT_CONDITION_BEFORE: Final = words("hearing visual first band stroke butterfly")
_NOT_PROCESS_BEFORE: Final = words("highway the to road cable")


def drug(reading: Reading, match: Match) -> float:
    """A medicine."""
    if match.term.sure:
        return 0.85
    return 0.6 if within(reading, match.first, 3, _TAKING) else 0.0


def condition(reading: Reading, match: Match) -> float:
    """A disease or state of health."""
    before = reading.word(match.first - 1)
    if match.term.sure:
        return 0.8
    if before in _NOT_CONDITION_BEFORE:
        return 0.0
    if within(reading, match.first, 3, _HAVING) or asked(reading, match.first, _ASK_HEALTH):
        return 0.7
    if reading.pieces[match.first].upper and match.end - match.first == 1:
        return 0.7
    return 0.6 if describes(reading, match.first) and closes(reading, match.end) else 0.0


def process(reading: Reading, match: Match) -> float:
    """A treatment, an operation or an examination."""
    one = match.end - match.first == 1
    if one and reading.word(match.first) == "bypass" and reading.word(match.first - 1) in _NOT_PROCESS_BEFORE:
        return 0.0
    if match.term.sure:
        return 0.75
    return 0.6 if within(reading, match.first, 2, words("a an had need needs for my")) else 0.0
