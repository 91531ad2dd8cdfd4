"""Reads numbers and letters as they are spoken or written, piece by piece.

A `Number` is one number phrase ("five", "oh", "double five", "forty-two", "two thousand and five", "1714", "8th") and
the digits it stands for when read as part of a longer one. "forty two fifteen" is two numbers, read together "4215".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.pii.lexicon import DIGITS, HOMOPHONES, ORDINALS, REPEATS, SCALES, TEENS, TENS
from gateway.pii.pieces import Piece


@dataclass(slots=True)
class Number:
    """`pieces[first:end]` read as a number.

    `digits`: as dictated, "0" to "9" only. `value`: as a count, None when it is a repeat ("double oh") or too long.
    `ordinal`: "eighth", "8th". `figure`: written in figures.
    """

    first: int
    end: int
    digits: str
    value: int | None
    ordinal: bool
    figure: bool


_SMALL: dict[str, int] = {**DIGITS, **TEENS, **TENS}


def _linked(pieces: Sequence[Piece], index: int) -> bool:
    """Whether piece `index` goes on from the previous one without a comma or a full stop between."""
    after = pieces[index - 1].after
    return after == "" or after == "-" or after.isspace()


def _below_hundred(pieces: Sequence[Piece], index: int) -> tuple[int, int] | None:
    """(value, end) of "seven", "seventeen", "seventy", "seventy seven" at `index`."""
    word = pieces[index].word
    tens = TENS.get(word)
    if tens is not None:
        following = index + 1
        if following < len(pieces) and _linked(pieces, following):
            unit = DIGITS.get(pieces[following].word, 0)
            if unit:
                return tens + unit, following + 1
        return tens, index + 1
    small = _SMALL.get(word)
    return None if small is None else (small, index + 1)


def _runs_on(pieces: Sequence[Piece], index: int) -> bool:
    """Whether a number word stands at `index`, linked to the piece before."""
    return index < len(pieces) and _linked(pieces, index) and (pieces[index].word in _SMALL or pieces[index].figure)


def _after_hundreds(pieces: Sequence[Piece], index: int) -> tuple[int, int]:
    """(value, end) of "and twelve", "twelve", "and five" after "hundred" or "thousand"; (0, index) if none.

    "eight hundred five five five" is 800 555: a single digit with more digits behind it is not added.
    """
    start = index
    with_and = index + 1 < len(pieces) and pieces[index].word == "and" and _linked(pieces, index)
    if with_and:
        index += 1
    if index >= len(pieces) or not _linked(pieces, index):
        return 0, start
    part = _below_hundred(pieces, index)
    if part is None or part[0] == 0:
        return 0, start
    value, end = part
    if value < 10 and not with_and and _runs_on(pieces, end) and pieces[end].word not in SCALES:
        return 0, start
    return value, end


def _words(pieces: Sequence[Piece], index: int) -> Number | None:
    """A number in words at `index`."""
    first = index
    if pieces[index].word == "a" or pieces[index].word == "half":
        if index + 1 >= len(pieces) or pieces[index + 1].word not in SCALES or not _linked(pieces, index + 1):
            return None
        value, end = 1, index + 1
    else:
        part = _below_hundred(pieces, index)
        if part is None:
            return None
        value, end = part
    digits = str(value)
    total = 0
    scaled = False
    while end < len(pieces) and pieces[end].word in SCALES and _linked(pieces, end) and total < 10**12:
        scale = SCALES[pieces[end].word]
        scaled = True
        value = max(value, 1) * scale
        end += 1
        if scale == 100:
            rest, end = _after_hundreds(pieces, end)
            value += rest
            continue
        total += value
        value = 0
        part_after = _hundreds(pieces, end)
        if part_after is None:
            value, end = _after_hundreds(pieces, end)
        else:
            value, end = part_after
    value += total
    if scaled:
        digits = str(value)
    return Number(first, end, digits, value, False, False)


def _hundreds(pieces: Sequence[Piece], index: int) -> tuple[int, int] | None:
    """(value, end) of "three hundred and five" after "thousand", None when no hundreds follow."""
    if index < len(pieces) and pieces[index].word == "and" and _linked(pieces, index):
        index += 1
    if index + 1 >= len(pieces) or not _linked(pieces, index):
        return None
    part = (1, index + 1) if pieces[index].word == "a" else _below_hundred(pieces, index)
    if part is None:
        return None
    value, end = part
    if end >= len(pieces) or pieces[end].word != "hundred" or not _linked(pieces, end):
        return None
    rest, end = _after_hundreds(pieces, end + 1)
    return value * 100 + rest, end


def _ordinal(pieces: Sequence[Piece], index: int) -> Number | None:
    """An ordinal at `index`: "ninth", "twenty second", "9th"."""
    word = pieces[index].word
    if pieces[index].figure:
        if word[-1].isalpha():
            digits = word[:-2]
            return Number(index, index + 1, digits, int(digits[:9]), True, True)
        return None
    value = ORDINALS.get(word)
    if value is not None:
        return Number(index, index + 1, str(value), value, True, False)
    tens = TENS.get(word)
    if tens is not None and index + 1 < len(pieces) and _linked(pieces, index + 1):
        unit = ORDINALS.get(pieces[index + 1].word, 99)
        if unit < 10:
            return Number(index, index + 2, str(tens + unit), tens + unit, True, False)
    return None


def _figure(pieces: Sequence[Piece], index: int) -> Number:
    """Figures at `index`, with thousands commas ("1,250") and a scale word after them ("5 thousand")."""
    digits = pieces[index].word
    end = index + 1
    if len(digits) <= 3:
        while end < len(pieces) and pieces[end].before == "," and pieces[end].figure and len(pieces[end].word) == 3:
            digits += pieces[end].word
            end += 1
    value = int(digits) if len(digits) <= 12 else None
    while value is not None and end < len(pieces) and pieces[end].word in SCALES and value < 10**12:
        value *= SCALES[pieces[end].word]
        digits = str(value)
        end += 1
    return Number(index, end, digits, value, False, True)


def _repeat(pieces: Sequence[Piece], index: int) -> Number | None:
    """ "double five", "triple oh", "double 0" at `index`."""
    times = REPEATS.get(pieces[index].word)
    if times is None or index + 1 >= len(pieces):
        return None
    following = pieces[index + 1]
    if following.figure and len(following.word) == 1:
        digit = following.word
    elif following.word in DIGITS or following.word in HOMOPHONES:
        digit = str(DIGITS.get(following.word, HOMOPHONES.get(following.word, 0)))
    else:
        return None
    return Number(index, index + 2, digit * times, None, False, following.figure)


def read_number(pieces: Sequence[Piece], index: int) -> Number | None:
    """The longest number that starts at piece `index`, or None."""
    piece = pieces[index]
    if piece.figure:
        return _ordinal(pieces, index) or _figure(pieces, index)
    word = piece.word
    if word in REPEATS:
        return _repeat(pieces, index)
    if word in ORDINALS or word in TENS:
        ordinal = _ordinal(pieces, index)
        if ordinal is not None:
            return ordinal
    if word in _SMALL or word == "a":
        return _words(pieces, index)
    return None


def read_numbers(pieces: Sequence[Piece]) -> list[Number]:
    """All numbers, in order, not overlapping. "oh" and "o" are read as zero, whatever is beside them."""
    numbers: list[Number] = []
    index = 0
    while index < len(pieces):
        number = read_number(pieces, index)
        if number is None:
            index += 1
        else:
            numbers.append(number)
            index = number.end
    return numbers


def is_letter(piece: Piece) -> bool:
    """Whether the piece is one letter of the alphabet."""
    word = piece.word
    return len(word) == 1 and not piece.figure
