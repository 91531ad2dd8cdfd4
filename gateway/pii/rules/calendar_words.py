"""Parts of dates and stretches of the calendar: weekdays, months, years, seasons, decades, ranges of dates."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import MONEY_UNITS, MONTHS, MONTHS_THAT_ARE_WORDS, UNITS, words
from gateway.pii.rules.dates import year_at
from gateway.pii.rules.reading import Found, Hit, Reading

POLICIES: Final = frozenset({Policy.DAY, Policy.MONTH, Policy.YEAR, Policy.DATE_INTERVAL})

_WEEKDAYS: Final = words(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays "
    "sundays"
)
_SHORT_WEEKDAYS: Final = words("mon tue tues wed thu thur thurs fri sat sun")
_SEASONS: Final = words("spring summer autumn winter springtime summertime wintertime")
_SEASON_BEFORE: Final = words("in last next this since during every all that until early late mid the through over")
_SEASON_NOT_AFTER: Final = words(
    "street avenue road hill hills field water break roll rolls mattress onion onions cleaning coat jacket camp school "
    "olympics squash tires tire lake house games equinox solstice sports"
)
_DECADES: Final = words(
    "twenties thirties forties fifties sixties seventies eighties nineties twenty-tens aughts naughts"
)
_QUARTERS: Final = words("quarter semester")
_NOT_AFTER_YEAR: Final = MONEY_UNITS | UNITS | {"s"}
_JOINS: Final = words("to through until till thru")
_NEAR: Final = words("in of since by before until from last this next for during every early late mid may and to")


def find(reading: Reading) -> Found:
    """Weekdays, months and years, also within dates, and longer stretches of time."""
    found = Found()
    months: list[int] = []
    for place in range(len(reading.pieces)):
        word = reading.word(place)
        plain = word[:-2] if word.endswith("'s") else word
        if plain in _WEEKDAYS:
            found.hits.append(Hit(place, place + 1, (Policy.DAY,), 0.95, "weekday"))
        elif (
            word in _SHORT_WEEKDAYS and reading.pieces[place].capital and reading.pieces[place].after[:1] in (",", ".")
        ):
            found.hits.append(Hit(place, place + 1, (Policy.DAY,), 0.6, "weekday"))
        elif plain in MONTHS and _is_month(reading, place, plain):
            months.append(place)
            found.hits.append(Hit(place, place + 1, (Policy.MONTH,), 0.9, "month"))
            _day_of_month(reading, place, found)
        elif word in _SEASONS:
            _season(reading, place, found)
        elif word in _DECADES:
            first = _back_over(reading, place, ("the", "early", "late", "mid", "nineteen", "eighteen", "twenty"))
            if first < place:
                found.hits.append(Hit(first, place + 1, (Policy.DATE_INTERVAL,), 0.85, "decade"))
        elif word == "s" and place and reading.pieces[place].before in ("", "'", "’") and _decade(reading, place - 1):
            first = _back_over(reading, place - 1, ("the", "early", "late", "mid"))
            found.hits.append(Hit(first, place + 1, (Policy.DATE_INTERVAL,), 0.85, "decade"))
        elif word in _QUARTERS and reading.word(place - 1) in ("first", "second", "third", "fourth", "fiscal"):
            found.hits.append(Hit(place - 1, place + 1, (Policy.DATE_INTERVAL,), 0.75, "quarter"))
    _years(reading, months, found)
    _ranges(reading, found)
    return found


def _back_over(reading: Reading, place: int, allowed: tuple[str, ...]) -> int:
    while place > 0 and reading.word(place - 1) in allowed:
        place -= 1
    return place


def _is_month(reading: Reading, place: int, word: str) -> bool:
    if word not in MONTHS_THAT_ARE_WORDS:
        return True
    before, after = reading.word(place - 1), place + 1
    dated = (after in reading.number_at and not reading.pieces[place].ends_sentence) or (
        reading.word(after) == "the" and after + 1 in reading.number_at
    )
    of_day = before == "of" or any(number.end == place and number.ordinal for number in reading.numbers)
    named = reading.cased and reading.pieces[place].capital and before in _NEAR
    return of_day or named or (dated and (reading.cased is False or reading.pieces[place].capital))


def _day_of_month(reading: Reading, month: int, found: Found) -> None:
    """The day in "March 29", "the third of October", "3rd October"."""
    following = month + 1 + (reading.word(month + 1) == "the")
    number = reading.number_at.get(following)
    if number is None or reading.pieces[month].ends_sentence:
        of = reading.word(month - 1) == "of"
        number = next((one for one in reading.numbers if one.end == month - of), None)
    if number is not None and number.value is not None and 1 <= number.value <= 31 and len(number.digits) <= 2:
        found.hits.append(Hit(number.first, number.end, (Policy.DAY,), 0.7, "day of the month"))


def _season(reading: Reading, place: int, found: Found) -> None:
    if reading.word(place + 1) in _SEASON_NOT_AFTER:
        return
    end = place + 1
    if reading.word(end) == "of":
        end += 1
    year = year_at(reading, end, False)
    before = reading.word(place - 1)
    if year is not None:
        found.hits.append(Hit(place, year, (Policy.DATE_INTERVAL,), 0.9, "season"))
    elif before in _SEASON_BEFORE:
        first = place - (before in ("last", "next", "this", "every"))
        found.hits.append(Hit(first, place + 1, (Policy.DATE_INTERVAL,), 0.7, "season"))


def _decade(reading: Reading, place: int) -> bool:
    """Whether the figure at `place` is the number of a decade: "1990" or "90"."""
    word = reading.word(place)
    return word.isdecimal() and word.endswith("0") and len(word) in (2, 4)


def _years(reading: Reading, months: list[int], found: Found) -> None:
    """Years with a month, a preposition or a date's figures beside them."""
    covered = 0
    for number in reading.numbers:
        if number.first < covered:
            continue
        end = year_at(reading, number.first, False)
        if end is None or end in reading.number_at:
            continue
        if reading.word(end) in _NOT_AFTER_YEAR:
            continue
        within_date = number.first in reading.taken
        near = reading.word(number.first - 1) in ("in", "since", "of", "until", "from", "year", "before", "after", "by")
        if within_date or near or any(0 < number.first - month <= 3 for month in months):
            found.hits.append(Hit(number.first, end, (Policy.YEAR,), 0.8, "year"))
            covered = end


def _ranges(reading: Reading, found: Found) -> None:
    """Find "2020-2021", "nineteen ninety to two thousand five", "January 1984", "5-9 May", "from March to June"."""
    parts = sorted((hit for hit in found.hits if hit.rule in ("month", "year")), key=lambda hit: hit.first)
    for earlier, later in pairwise(parts):
        if earlier.rule == "month" and later.rule == "year" and later.first - earlier.end <= 1:
            between = reading.word(earlier.end) if later.first > earlier.end else "of"
            if between == "of" and later.first not in reading.dialog.barriers:
                found.hits.append(Hit(earlier.first, later.end, (Policy.DATE_INTERVAL,), 0.85, "month and year"))
        joined = later.first == earlier.end + 1 and reading.word(earlier.end) in _JOINS
        dashed = later.first == earlier.end and "-" in reading.pieces[earlier.end - 1].after
        if joined or dashed:
            found.hits.append(Hit(earlier.first, later.end, (Policy.DATE_INTERVAL,), 0.85, "range"))
    for number in reading.numbers:
        other = reading.number_at.get(number.end)
        if other is None and reading.word(number.end) in _JOINS:
            other = reading.number_at.get(number.end + 1)
        if other is None or number.value is None or other.value is None or other.value > 2100:
            continue
        dashed = reading.pieces[number.end - 1].after in ("-", "–")
        spoken = other.first == number.end + 1
        if (dashed or spoken) and number.value < other.value <= 31 and reading.word(other.end) in MONTHS:
            found.hits.append(Hit(number.first, other.end + 1, (Policy.DATE_INTERVAL,), 0.85, "range"))
        elif dashed and 1850 <= number.value < other.value:
            found.hits.append(Hit(number.first, other.end, (Policy.DATE_INTERVAL,), 0.9, "range"))
