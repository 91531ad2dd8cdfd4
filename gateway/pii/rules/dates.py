"""Calendar dates: "March 29", "the third of October", "9/20/1968", "the 8th", "in 2012"; clock times are set aside.

A date in the context of a birth is a date_of_birth, in the context of a card its expiration.
"""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.pii.context import Topic
from gateway.pii.lexicon import MONTHS, MONTHS_THAT_ARE_WORDS, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import Number

_BEFORE_MONTH = words("in since until till by last next this of for from every early late mid through during")
_BEFORE_DAY = words(
    "on until till by before after for from to through and since due between or move moved is was be it's"
)
_AFTER_DAY = words(
    "of and or at to but if then so i we is was works work would should please through until for in "
    "because it with that's that you they he she my"
)
_BEFORE_THIRD = _BEFORE_DAY - {"is", "was", "be", "it's", "for", "to"}
_RANGE = words("to through and until till dash")
_BEFORE_YEAR = words("in since until year around before after circa")
_WEEKDAYS = words("monday tuesday wednesday thursday friday saturday sunday")


def year_at(reading: Reading, place: int, two_digits: bool) -> int | None:
    """Where a year that starts at piece `place` ends: "1984", "nineteen eighty four", "twenty oh nine", "'98"."""
    number = reading.number_at.get(place)
    if number is None or number.ordinal:
        return None
    if number.value is not None and len(number.digits) == 4 and 1850 <= number.value <= 2100:
        return number.end
    following = reading.number_at.get(number.end)
    if number.value in (18, 19, 20) and following is not None and not following.ordinal:
        joined = reading.pieces[number.end - 1].after in ("", "-")
        if joined and len(following.digits) == 2:
            return following.end
        last = reading.number_at.get(following.end)
        if joined and following.digits == "0" and last is not None and len(last.digits) == 1:
            return last.end
        if joined and following.value == 100:
            return following.end
    if two_digits:
        if len(number.digits) == 2:
            return number.end
        if number.digits == "0" and following is not None and len(following.digits) == 1:
            return following.end
        if len(number.digits) == 1 and following is not None and len(following.digits) == 1:
            return following.end
    return None


def _day(number: Number | None) -> bool:
    return number is not None and number.value is not None and 1 <= number.value <= 31 and len(number.digits) <= 2


def _month_first(reading: Reading, place: int, spoken_year: bool) -> int | None:
    """The end of a date that starts with a month's name at `place`."""
    following = place + 1
    if reading.word(following) == "the":
        following += 1
    elif reading.word(following) == "of" and year_at(reading, following + 1, False) is not None:
        return year_at(reading, following + 1, False)
    number = reading.number_at.get(following)
    if reading.pieces[following - 1].ends_sentence and reading.pieces[place].after != ".":
        number = None
    year = year_at(reading, following, False) if number is not None else None
    if year is not None:
        return year
    if number is None:
        return None
    if spoken_year and not number.ordinal and len(number.digits) == 2 and not _day(number):
        return number.end
    if not _day(number):
        return None
    end = number.end
    later = end + (reading.word(end) in ("of", "in"))
    if later < len(reading.pieces) and not reading.pieces[end - 1].ends_sentence:
        year = year_at(reading, later, spoken_year and later == end)
        if year is not None:
            return year
    return end


def _day_first(reading: Reading, place: int) -> int | None:
    """The end of "the third of October (2020)", "3rd October", "22 july 2012" from the number at `place`."""
    number = reading.number_at.get(place)
    if number is None or not _day(number):
        return None
    after = number.end
    if reading.word(after) == "of":
        if not number.ordinal and not number.figure:
            return None
        after += 1
        if reading.word(after) == "this" and reading.word(after + 1) == "month":
            return after + 2
    if number.ordinal and reading.word(number.end) == "of":
        numbered = _numbered_month(reading, after)
        if numbered is not None:
            return numbered
    if reading.word(after) not in MONTHS or reading.pieces[after - 1].ends_sentence:
        return None
    if reading.word(after) == "may" and after == number.end and not number.ordinal and not number.figure:
        return None
    end = after + 1
    year = year_at(reading, end, False) if end in reading.number_at else None
    return year or end


def _numbered_month(reading: Reading, place: int) -> int | None:
    """The end of "(the) 9th 1990" after "the 19th of"."""
    month = reading.number_at.get(place + (reading.word(place) == "the"))
    if month is None or not month.ordinal or month.value is None or not 1 <= month.value <= 12:
        return None
    return year_at(reading, month.end, False)


def _figures(reading: Reading, place: int) -> tuple[int, bool] | None:
    """(end, is a time) of "9/20/1968", "2018-08-28", "09/28", "7:30" within one token at `place`."""
    pieces = reading.pieces
    first = pieces[place]
    if first.before is not None or place + 1 >= len(pieces) or pieces[place + 1].before not in ("/", "-", ":", "."):
        return None
    mark = pieces[place + 1].before
    end = place + 1
    while end < len(pieces) and pieces[end].before == mark and pieces[end].figure:
        end += 1
    lengths = [len(piece.word) for piece in pieces[place:end]]
    if mark == ":":
        return (end, True) if 2 <= len(lengths) <= 3 and max(lengths) <= 2 else None
    if end < len(pieces) and pieces[end].before is not None:
        return None
    if not all(piece.word.isdecimal() for piece in pieces[place:end]):
        return None
    values = [int(piece.word[:6]) for piece in pieces[place:end]]
    if len(lengths) == 3:
        short = lengths[0] <= 2 and lengths[1] <= 2 and lengths[2] in (2, 4)
        long = lengths[0] == 4 and lengths[1] <= 2 and lengths[2] <= 2
        days = values[:2] if short else values[1:]
        if (short or long) and 1 <= min(days) <= 12 and max(days) <= 31:
            return end, False
    if len(lengths) == 2 and mark == "/" and max(lengths[0], 2) == 2 and lengths[1] in (1, 2, 4):
        low, high = values
        if (1 <= low <= 12 and lengths[1] == 4) or (
            1 <= min(low, high) <= 12 and max(low, high) <= 99 and max(lengths) == 2
        ):
            return end, False
    return None


def _policies(reading: Reading, first: int) -> tuple[Policy, ...]:
    topics = reading.dialog.evidence(first).topics
    if topics and topics[0] is Topic.BIRTH:
        return Policy.DATE_OF_BIRTH, Policy.DATE
    for topic in topics:
        if topic is Topic.EXPIRY:
            return (Policy.CREDIT_CARD_EXPIRATION,)
        if topic is Topic.BIRTH:
            return Policy.DATE_OF_BIRTH, Policy.DATE
    return (Policy.DATE,)


def _lone_day(reading: Reading, place: int) -> bool:
    """Whether the ordinal at `place` is a day of the month: "the fifteenth", not "the second one"."""
    number = reading.number_at[place]
    if not number.ordinal or not _day(number) or reading.word(place - 1) != "the":
        return False
    following = reading.word(number.end)
    closed = reading.ends_phrase(number.end) or following in _AFTER_DAY
    if following == "of" and reading.word(number.end + 1) not in ("this", "next", "last", "the") and closed:
        return False
    if number.value is not None and number.value <= 3 and not number.figure:
        return (
            closed
            and following != "of"
            and (reading.word(place - 2) in _BEFORE_THIRD or reading.word(place - 2) in _WEEKDAYS)
        )
    return closed and not (reading.word(place - 2) == "of" and following != "")


def find(reading: Reading) -> Found:
    """Dates and dates of birth; takes their pieces."""
    found = Found()
    pieces = reading.pieces
    size = len(pieces)
    place = 0
    while place < size:
        word = pieces[place].word
        end: int | None = None
        rule = "date"
        first = place
        if word in MONTHS:
            birth = _policies(reading, place)[0] is not Policy.DATE
            end = _month_first(reading, place, birth)
            if end is None:
                before = reading.word(place - 1)
                plain = word not in MONTHS_THAT_ARE_WORDS or (pieces[place].capital and not reading.starts_turn(place))
                if (before in _BEFORE_MONTH and plain) or (birth and (plain or reading.cased is False)):
                    end, rule = place + 1, "month"
            if not reading.settled and (end or place + 1) >= size - 1 and (end is None or end >= size):
                found.leave_open(place)
        elif place in reading.number_at:
            end = _day_first(reading, place)
            if end is None and pieces[place].figure:
                figures = _figures(reading, place)
                if figures is not None:
                    end, is_time = figures
                    if is_time and reading.dialog.evidence(place).topic is Topic.BIRTH:
                        end = year_at(reading, end, False) or end
                    elif is_time:
                        reading.taken.update(range(place, end))
                        place = end
                        continue
            if end is None and _lone_day(reading, place):
                end, rule = reading.number_at[place].end, "day"
            if end is not None and reading.word(place - 1) == "the":
                first = place - 1 - (reading.word(place - 2) in _WEEKDAYS)
            if end is None:
                end = _year_alone(reading, place)
                rule = "year"
            if end is None and not reading.settled:
                number = reading.number_at[place]
                waiting = number.end >= size or (number.end == size - 1 and reading.word(size - 1) == "of")
                if waiting and _day(number) and (number.ordinal or number.figure):
                    found.leave_open(place - (reading.word(place - 1) == "the"))
        if end is None:
            place = reading.number_at[place].end if place in reading.number_at else place + 1
            continue
        policies = _policies(reading, first)
        found.hits.append(Hit(first, end, policies, 0.85, rule))
        reading.taken.update(range(first, end))
        place = end
    return found


def _year_alone(reading: Reading, place: int) -> int | None:
    """The end of a year after "in" or "since": "in 2012", "since nineteen ninety"."""
    end = year_at(reading, place, False)
    if end is None:
        return None
    before = reading.word(place - 1)
    born = reading.dialog.evidence(place).topic is Topic.BIRTH and (
        before in _BEFORE_YEAR or reading.starts_turn(place)
    )
    if _year_range(reading, place, end):
        return end
    if before in _BEFORE_YEAR or born:
        following = reading.number_at.get(end)
        if following is not None and reading.pieces[end - 1].after in ("", "-"):
            return None
        return end
    return None


def _year_range(reading: Reading, place: int, end: int) -> bool:
    """Whether the year is one end of "nineteen sixty eight to nineteen seventy two"."""
    if reading.word(end) in _RANGE and year_at(reading, end + 1, False) is not None:
        return True
    if reading.word(place - 1) not in _RANGE:
        return False
    return any(year_at(reading, start, False) == place - 1 for start in range(max(0, place - 5), place - 1))
