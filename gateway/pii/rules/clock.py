"""Clock times, durations and percentages: a number and what it counts."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import Number

POLICIES: Final = frozenset({Policy.TIME, Policy.DURATION, Policy.STATISTICS})

_TIME_UNITS: Final = words(
    "second seconds minute minutes min mins hour hours hr hrs day days night nights week weeks weekend weekends month "
    "months year years yr yrs decade decades century centuries fortnight fortnights millisecond milliseconds quarter "
    "quarters semester semesters"
)
_ARTICLES: Final = words("a an one another half couple few several many some")
_PARTS_OF_DAY: Final = words("morning afternoon evening night noon midnight")
_ZONES: Final = words("est edt cst cdt mst mdt pst pdt gmt utc eastern central mountain pacific bst cet")
_BEFORE_TIME: Final = words("at by until till around about before after from past since between to")
_PERCENT: Final = words("percent percentage % percentile")
_MINUTES: Final = words("half quarter ten five twenty twenty-five")


def find(reading: Reading) -> Found:
    """Times, durations and percentages."""
    found = Found()
    covered = 0
    for number in reading.numbers:
        if number.first < covered:
            continue
        covered = _time(reading, number, found) or _counted(reading, number, found)
    for place in range(len(reading.pieces)):
        word = reading.word(place)
        if word in ("noon", "midnight") and reading.word(place - 1) in (*_BEFORE_TIME, "is", "it's"):
            found.hits.append(Hit(place, place + 1, (Policy.TIME,), 0.8, "time of day"))
        elif word in ("half", "quarter") and reading.word(place + 1) in ("past", "to", "after", "of"):
            number_after = reading.number_at.get(place + 2)
            if number_after is not None and _hour(number_after):
                first = place - (reading.word(place - 1) == "a")
                found.hits.append(Hit(first, _after_time(reading, number_after.end), (Policy.TIME,), 0.9, "clock"))
        elif word in _ARTICLES and place not in reading.number_at:
            _vague(reading, place, found)
    return found


def _hour(number: Number) -> bool:
    return number.value is not None and 1 <= number.value <= 24 and len(number.digits) <= 2 and not number.ordinal


def _meridiem(reading: Reading, place: int) -> int:
    """The end of "am", "p.m.", "p m", "o'clock" at `place`; `place` when there is none."""
    word = reading.word(place)
    if word in ("am", "pm", "a.m", "p.m", "o'clock", "oclock"):
        return place + 1
    if word in ("a", "p") and reading.word(place + 1) == "m":
        return place + 2
    return place


def _after_time(reading: Reading, end: int) -> int:
    """Where a time ends with "in the morning" and a time zone."""
    end = _meridiem(reading, end)
    if reading.word(end) in ("in", "at") and reading.word(end + 1) == "the" and reading.word(end + 2) in _PARTS_OF_DAY:
        end += 3
    elif reading.word(end) == "at" and reading.word(end + 1) in ("night", "noon"):
        end += 2
    if reading.word(end) in _ZONES:
        end += 1 + (reading.word(end + 1) == "time")
    return end


def _time(reading: Reading, number: Number, found: Found) -> int:
    """The end of a clock time that starts with `number`: "7:30", "ten thirty am", "five o'clock", "at six"."""
    first, end = number.first, number.end
    if not _hour(number) and number.value != 0:
        return 0
    colon = end < len(reading.pieces) and reading.pieces[end].before == ":"
    minutes = reading.number_at.get(end)
    if colon:
        while end < len(reading.pieces) and reading.pieces[end].before == ":":
            end += 1
        if reading.pieces[first].before is not None or end - first > 3:
            return 0
        found.hits.append(Hit(first, _after_time(reading, end), (Policy.TIME,), 0.95, "clock"))
        return end
    with_minutes = end
    sixty = minutes is not None and not minutes.ordinal and minutes.value is not None and minutes.value < 60
    if minutes is not None and sixty and (len(minutes.digits) == 2 or minutes.digits == "0"):
        with_minutes = minutes.end
        last = reading.number_at.get(with_minutes)
        if minutes.digits == "0" and last is not None and len(last.digits) == 1:
            with_minutes = last.end
    for stop in (with_minutes, end):
        if _after_time(reading, stop) > stop and (
            _meridiem(reading, stop) > stop or reading.word(stop) in ("in", "at")
        ):
            found.hits.append(Hit(first, _after_time(reading, stop), (Policy.TIME,), 0.9, "clock"))
            return _after_time(reading, stop)
    if reading.word(end) in ("to", "past", "till") and reading.number_at.get(end + 1) is not None:
        told = reading.number_at[end + 1]
        if _hour(told) and number.value in (5, 10, 20, 25) and reading.ends_phrase(told.end):
            found.hits.append(Hit(first, _after_time(reading, told.end), (Policy.TIME,), 0.7, "clock"))
            return told.end
    before = reading.word(first - 1)
    quarters = with_minutes > end and minutes is not None and minutes.value in (0, 15, 30, 45)
    if quarters and before in _BEFORE_TIME and with_minutes not in reading.number_at:
        found.hits.append(Hit(first, with_minutes, (Policy.TIME,), 0.7, "clock"))
        return with_minutes
    hour = (number.value or 99) <= 12 and first not in reading.taken and reading.ends_phrase(end)
    if before in ("at", "until", "till") and hour:
        found.hits.append(Hit(first, end, (Policy.TIME,), 0.5, "clock"))
        return end
    return 0


def _counted(reading: Reading, number: Number, found: Found) -> int:
    """The end of "eight months", "2-3 weeks", "two and a half hours", "18 percent", "18%" from `number`."""
    if number.ordinal:
        return 0
    first, end = number.first, number.end
    if reading.pieces[end - 1].after.startswith("%"):
        found.hits.append(Hit(_decimal_start(reading, first), end, (Policy.STATISTICS,), 0.9, "percent"))
        return end
    following = reading.number_at.get(end)
    if following is not None and following.end > end and (reading.pieces[end].before in ("-", ".")):
        end = following.end
        if reading.pieces[end - 1].after.startswith("%"):
            found.hits.append(Hit(first, end, (Policy.STATISTICS,), 0.9, "percent"))
            return end
    if reading.word(end) in ("to", "or", "point") and end + 1 in reading.number_at:
        later = reading.number_at[end + 1]
        if reading.word(later.end) in _TIME_UNITS | _PERCENT:
            end = later.end
    if reading.word(end) == "and" and reading.word(end + 1) == "a" and reading.word(end + 2) in ("half", "quarter"):
        end += 3
    if reading.pieces[end - 1].ends_sentence or end in reading.dialog.barriers:
        return 0
    if not reading.settled and end > number.end and end >= len(reading.pieces):
        found.leave_open(first)
    word = reading.word(end)
    if word in _PERCENT or (word == "per" and reading.word(end + 1) == "cent"):
        stop = end + 1 + (word == "per")
        found.hits.append(Hit(first, stop, (Policy.STATISTICS,), 0.9, "percent"))
        return stop
    between = word in ("business", "working", "full", "calendar", "whole", "more")
    if word in _TIME_UNITS or (between and reading.word(end + 1) in _TIME_UNITS):
        stop = end + 1 + between
        if reading.word(stop) not in ("old", "olds"):
            if reading.word(stop) == "and" and stop + 1 in reading.number_at:
                more = reading.number_at[stop + 1]
                stop = more.end + 1 if reading.word(more.end) in _TIME_UNITS else stop
            found.hits.append(Hit(first, stop, (Policy.DURATION,), 0.9, "number and unit"))
            return stop
    return 0


def _decimal_start(reading: Reading, first: int) -> int:
    return first - 1 if reading.pieces[first].before == "." and first - 1 in reading.number_at else first


def _vague(reading: Reading, place: int, found: Found) -> None:
    """Find "a couple of weeks", "half an hour", "a year and a half", "several months"."""
    word, end = reading.word(place), place + 1
    if word in ("a", "an") and reading.word(end) in ("couple", "few", "half", "quarter"):
        end += 1
    if reading.word(end) == "of":
        end += 1
    if word == "half" and reading.word(end) in ("a", "an"):
        end += 1
    unit = reading.word(end)
    if unit not in _TIME_UNITS or (word in ("a", "an") and end == place + 1 and not _measures(reading, place, end)):
        return
    if word == "some" or reading.word(place - 1) == "a" or unit in ("day", "night", "quarter"):
        return
    end += 1
    if reading.word(end) == "and" and reading.word(end + 1) == "a" and reading.word(end + 2) == "half":
        end += 3
    found.hits.append(Hit(place, end, (Policy.DURATION,), 0.7, "vague duration"))


def _measures(reading: Reading, place: int, end: int) -> bool:
    """Whether "a year" is a length of time, not a rate ("twice a year")."""
    half = reading.word(end + 1) == "and" and reading.word(end + 3) == "half"
    return reading.word(place - 1) in ("for", "about", "in", "within", "takes", "took", "almost", "over") or half
