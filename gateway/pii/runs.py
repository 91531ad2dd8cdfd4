"""Puts the numbers and letters that belong to one dictated number together, across what came between them.

Between two pieces of one number may stand fillers, spoken separators, a self-correction, a word that sounds like a
digit, or one or two words the recogniser misheard a digit for. Whether they may depends only on the words of the gap
up to any point, so that a gap that is still growing is known to be open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from gateway.pii.context import CUE_WORDS
from gateway.pii.lexicon import (
    BACKCHANNEL,
    CARRIERS,
    CORRECTIONS,
    FILLERS,
    HOMOPHONES,
    JOINERS,
    LINKS,
    MONEY_UNITS,
    NOT_AN_EDGE,
    NUMBER_STOP,
    UNITS,
    words,
)
from gateway.pii.pieces import Piece
from gateway.pii.spoken import Number, is_letter

MAX_LINK_WORDS = 6
MAX_MISHEARD_WORDS = 2

_BARRED_EAGER = (NUMBER_STOP - words("times time thing things way ways")) | CARRIERS | MONEY_UNITS | LINKS
_BARRED = _BARRED_EAGER | UNITS
_NO_EDGE = CARRIERS | NOT_AN_EDGE | BACKCHANNEL | LINKS | CORRECTIONS | UNITS | CUE_WORDS
_PRONOUN_BEFORE = words(
    "the old new that this which other another last first right wrong only each any no every big small "
    "blue red green black white same next good bad better best different previous some"
)


@dataclass(slots=True)
class Run:
    """One dictated number: `pieces[first:end]`.

    `segments`: the stretches of pieces that are part of it (fillers and corrections between them are not).
    `groups`: the digits, split where the speaker corrected himself. `letters`: how many letters are in it.
    `text`: digits and letters in order. `numbers`: the number phrases it is made of.
    """

    first: int
    end: int
    segments: list[tuple[int, int]]
    groups: list[str]
    letters: int
    text: str
    numbers: list[Number] = field(default_factory=list)
    misheard: int = 0

    @property
    def digits(self) -> str:
        """The longest group of digits between two corrections."""
        return max(self.groups, key=len)


class _Gap(Enum):
    """What the words between two numbers are."""

    JOINED = auto()
    LINKED = auto()
    CORRECTED = auto()
    MISHEARD = auto()
    LETTERS = auto()


def _letters_only(pieces: Sequence[Piece], first: int, end: int) -> bool:
    return all(
        (is_letter(piece) and (piece.word not in "ai" or piece.before is not None or end - first >= 2))
        or (piece.upper and len(piece.word) <= 5)
        for piece in pieces[first:end]
    )


def gap_kind(pieces: Sequence[Piece], first: int, end: int, eager: bool) -> _Gap | None:
    """How pieces `first:end` may stand inside one dictated number; None when they end it.

    `eager`: a number is being waited for, so that words of quantity ("times") may be misheard digits too.
    """
    if first == end:
        return _Gap.JOINED
    words = [piece.word for piece in pieces[first:end]]
    if len(words) <= 6 and _letters_only(pieces, first, end):
        return _Gap.LETTERS
    if all(word in JOINERS for word in words) and len(words) <= 2:
        return _Gap.JOINED
    if len(words) <= MAX_LINK_WORDS and all(word in FILLERS or word in LINKS or word in CORRECTIONS for word in words):
        corrected = any(word in CORRECTIONS for word in words)
        return _Gap.CORRECTED if corrected else _Gap.LINKED
    content = [word for word in words if word not in FILLERS]
    if len(content) <= MAX_MISHEARD_WORDS and len(words) <= MAX_MISHEARD_WORDS + 1:
        if all(word in HOMOPHONES for word in content):
            return _Gap.MISHEARD
        barred = _BARRED_EAGER if eager else _BARRED
        if all(word in HOMOPHONES or (word not in barred and word.isalpha()) for word in content):
            return _Gap.MISHEARD
    return None


def _is_zero_word(pieces: Sequence[Piece], number: Number) -> bool:
    return number.end - number.first == 1 and pieces[number.first].word in ("oh", "o")


def keep_spoken_digits(pieces: Sequence[Piece], numbers: Sequence[Number]) -> list[Number]:
    """Without ordinals in words, the "oh" of surprise, the letter "o", and "one" for a thing ("the old one")."""
    kept: list[Number] = []
    count = len(numbers)
    solid = [not (number.ordinal and not number.figure) and not _is_zero_word(pieces, number) for number in numbers]
    for index, number in enumerate(numbers):
        if number.ordinal and not number.figure:
            continue
        if _is_zero_word(pieces, number):
            before = index
            while before > 0 and numbers[before - 1].end == numbers[before].first and not solid[before]:
                before -= 1
            after = index
            while after + 1 < count and numbers[after + 1].first == numbers[after].end and not solid[after]:
                after += 1
            led, followed = solid[before] and before != index, solid[after] and after != index
            piece, new_sentence = pieces[number.first], number.first > 0 and pieces[number.first - 1].ends_sentence
            goes_on = led and (not new_sentence or piece.ends_sentence)
            starts = followed and piece.after in ("", "-", ".")
            if not ((led and followed) or goes_on or starts):
                continue
        elif number.end - number.first == 1 and pieces[number.first].word == "one":
            place = number.first
            previous = pieces[place - 1].word if place else ""
            following = pieces[place + 1].word if place + 1 < len(pieces) else ""
            if previous in _PRONOUN_BEFORE or following == "of":
                continue
        kept.append(number)
    return kept


def build_runs(
    pieces: Sequence[Piece],
    numbers: Sequence[Number],
    taken: Collection[int],
    barriers: Collection[int],
    expects: Callable[[int], bool],
) -> list[Run]:
    """Runs of numbers, in order.

    `taken`: pieces that belong to something else (a date, an amount). `barriers`: pieces before which the other party
    asked something new. `expects(place)`: whether a number is being waited for there, which makes joining bolder.
    """
    free = [number for number in keep_spoken_digits(pieces, numbers) if number.first not in taken]
    runs: list[Run] = []
    current: Run | None = None
    eager = False
    for number in free:
        if current is not None and not any(current.end <= place <= number.first for place in barriers):
            kind = gap_kind(pieces, current.end, number.first, eager)
            if kind is None and _lone_letter(pieces, current, number.first):
                kind = _Gap.LETTERS
            blocked = any(place in taken for place in range(current.end, number.first))
            if kind is not None and not blocked and _joins(pieces, current, number, kind, eager):
                _extend(pieces, current, number, kind)
                continue
        current = Run(
            number.first,
            number.end,
            [(number.first, number.end)],
            [number.digits],
            0,
            number.digits,
            [number],
        )
        eager = expects(number.first)
        runs.append(current)
    for run in runs:
        _add_edges(pieces, run, taken, barriers, expects(run.first))
    return runs


def dictated(run: Run) -> bool:
    """Whether the run sounds like digits being dictated: two digits or groups or more said one after the other."""
    return len(run.numbers) >= 2 or len(run.numbers[0].digits) >= 3


def _joins(pieces: Sequence[Piece], run: Run, number: Number, kind: _Gap, eager: bool) -> bool:
    if kind in (_Gap.JOINED, _Gap.LETTERS):
        return True
    if kind is _Gap.MISHEARD:
        if eager:
            return True
        named = any(piece.capital and piece.word not in HOMOPHONES for piece in pieces[run.end : number.first])
        return dictated(run) and not named and not pieces[run.end - 1].ends_sentence and number.end - number.first == 1
    return eager or dictated(run)


def _extend(pieces: Sequence[Piece], run: Run, number: Number, kind: _Gap) -> None:
    between = pieces[run.end : number.first]
    if kind is _Gap.LINKED or kind is _Gap.CORRECTED:
        run.segments.append((number.first, number.end))
        if kind is _Gap.CORRECTED:
            run.groups.append("")
    else:
        run.segments[-1] = (run.segments[-1][0], number.end)
        if kind is _Gap.LETTERS:
            run.letters += sum(len(piece.word) for piece in between)
            run.text += "".join(piece.word for piece in between)
        elif kind is _Gap.MISHEARD:
            heard = "".join(str(HOMOPHONES[piece.word]) for piece in between if piece.word in HOMOPHONES)
            run.groups[-1] += heard
            run.text += heard
            run.misheard += len(between)
    run.groups[-1] += number.digits
    run.text += number.digits
    run.end = number.end
    run.numbers.append(number)


def _add_edges(
    pieces: Sequence[Piece], run: Run, taken: Collection[int], barriers: Collection[int], eager: bool
) -> None:
    """Letters at both ends, and misheard digits there when a number is being waited for."""
    first = run.first
    while first > 0 and first not in barriers and first - 1 not in taken:
        if _explained_letter(pieces, first - 4):
            first -= 4
            run.letters += 1
            run.text = pieces[first].word + run.text
            continue
        piece = pieces[first - 1]
        letter = is_letter(piece) or (piece.upper and len(piece.word) <= 4 and piece.token == pieces[first].token)
        if not letter or piece.ends_sentence or "," in piece.after:
            break
        if piece.word in "ai" and not _letter_of_code(pieces, run, first - 1, eager):
            break
        first -= 1
        run.letters += len(piece.word)
        run.text = piece.word + run.text
    if eager and dictated(run):
        first = _misheard_start(pieces, run, first, taken, barriers)
    if first != run.first:
        run.first = first
        run.segments[0] = (first, run.segments[0][1])
    end = run.end
    while end < len(pieces) and end not in barriers and end not in taken:
        piece = pieces[end]
        same_token = piece.before is not None
        letter = (is_letter(piece) and (piece.word not in "ai" or same_token)) or (
            same_token and piece.upper and len(piece.word) <= 4
        )
        if not letter or pieces[end - 1].ends_sentence:
            break
        end += 1
        run.letters += len(piece.word)
        run.text += piece.word
    if eager and dictated(run):
        end = _misheard_end(pieces, run, end, taken, barriers)
    if end != run.end:
        run.end = end
        run.segments[-1] = (run.segments[-1][0], end)


def _letter_of_code(pieces: Sequence[Piece], run: Run, place: int, eager: bool) -> bool:
    """Whether the "a" or "i" at `place` before the run is its letter: what stands before it says so."""
    before = pieces[place - 1] if place else None
    letter = before is not None and is_letter(before) and before.word not in "ai" and before.after == ""
    if letter and eager:
        return True
    return len(run.text) >= 4 and (before is None or letter or before.word in _BEFORE_CODE)


def _lone_letter(pieces: Sequence[Piece], run: Run, end: int) -> bool:
    """Whether an "a" or "i" alone follows the run, which has letters already: it is one more."""
    return (
        run.letters > 0 and end == run.end + 1 and is_letter(pieces[run.end]) and not pieces[end - 1].after.strip("-")
    )


def _explained_letter(pieces: Sequence[Piece], place: int) -> bool:
    """Whether "h as in hotel" stands at `place`."""
    return (
        place >= 0
        and is_letter(pieces[place])
        and pieces[place + 1].word == "as"
        and pieces[place + 2].word == "in"
        and pieces[place + 3].word[0] == pieces[place].word
    )


def _misheard_start(
    pieces: Sequence[Piece], run: Run, first: int, taken: Collection[int], barriers: Collection[int]
) -> int:
    """Where the run starts when the one or two words an answer begins with are taken for misheard digits."""
    start = first
    while start > 0 and start not in barriers and first - start < MAX_MISHEARD_WORDS:
        piece = pieces[start - 1]
        if start - 1 in taken or not _digit_like(piece):
            break
        start -= 1
    alone = start == 0 or start in barriers or pieces[start - 1].word in CARRIERS
    if not alone or start == first:
        return first
    heard = "".join(str(HOMOPHONES[piece.word]) for piece in pieces[start:first] if piece.word in HOMOPHONES)
    run.groups[0] = heard + run.groups[0]
    run.text = heard + run.text
    return start


def _digit_like(piece: Piece) -> bool:
    """Whether a word at the edge of a number that is being waited for may be a misheard digit."""
    word = piece.word
    if word in HOMOPHONES:
        return word not in NOT_AN_EDGE
    return len(word) <= 5 and word.isalpha() and word not in _NO_EDGE


def _misheard_end(
    pieces: Sequence[Piece], run: Run, end: int, taken: Collection[int], barriers: Collection[int]
) -> int:
    """Where the run ends when the one word that ends the answer is taken for a misheard digit."""
    if end >= len(pieces) or end in barriers or end in taken or not _digit_like(pieces[end]):
        return end
    piece = pieces[end]
    closed = end + 1 in barriers or piece.after[:1] in (",", ".", "?", "!") if piece.after else False
    if not closed or (piece.word not in HOMOPHONES and piece.word in NUMBER_STOP):
        return end
    heard = str(HOMOPHONES.get(piece.word, ""))
    run.groups[-1] += heard
    run.text += heard
    return end + 1


_BEFORE_CODE = words("is number it's its and that's id was code plate passport license licence")


def trailing_gap_open(pieces: Sequence[Piece], run: Run, eager: bool) -> bool:
    """Whether a number said next, after all pieces so far, could still belong to `run`."""
    kind = gap_kind(pieces, run.end, len(pieces), eager)
    if kind is None:
        return run.end < len(pieces) and _lone_letter(pieces, run, len(pieces))
    if kind is _Gap.JOINED:
        return True
    if eager or dictated(run):
        return True
    return kind is _Gap.LETTERS
