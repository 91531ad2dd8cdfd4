"""Numbers that count or measure something, and are no part of a dictated one: "twenty minutes", "one or two"."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from gateway.pii.lexicon import UNITS, words
from gateway.pii.rules.reading import Reading
from gateway.pii.runs import Run

_BEFORE_QUANTITY: Final = words("about over under around nearly almost another at than least most only up")
_AFTER_QUANTITY: Final = words("past to or are were percent")
_CHOOSING: Final = words("to or and through until till")


def is_counted(reading: Reading, run: Run) -> bool:
    """Whether the run counts or measures something: "twenty minutes", "5 people", "7:30"."""
    ranged = any(reading.word(place) in ("to", "or") for place in range(run.first, run.end))
    if len(run.digits) > (6 if ranged else 4) or run.letters:
        return False
    following = reading.word(run.end)
    if run.end in reading.dialog.barriers or reading.pieces[run.end - 1].ends_sentence:
        following = ""
    counted = following in UNITS or (following == "and" and reading.word(run.end + 1) == "a")
    return counted and (len(run.numbers) == 1 or len(run.digits) <= 3 or ranged)


def stands_alone(reading: Reading, run: Run) -> bool:
    """Whether the run, which nobody asked for, is just numbers of ordinary speech."""
    return _is_quantity(reading, run) or _is_choice(reading, run)


def _is_quantity(reading: Reading, run: Run) -> bool:
    """Whether the run is one number as it stands in ordinary speech ("about ninety", "30 seconds")."""
    if is_counted(reading, run) and run.misheard:
        return True
    if len(run.numbers) != 1 or run.letters or run.misheard:
        return False
    return reading.word(run.end) in UNITS | _AFTER_QUANTITY or reading.word(run.first - 1) in _BEFORE_QUANTITY


def _is_choice(reading: Reading, run: Run) -> bool:
    """Whether the run is two or three small numbers with words between them: "one or two", "six and ten"."""
    if not 2 <= len(run.numbers) <= 3 or run.letters or any(len(number.digits) > 2 for number in run.numbers):
        return False
    return all(
        after.first > before.end and all(reading.word(place) in _CHOOSING for place in range(before.end, after.first))
        for before, after in pairwise(run.numbers)
    )
