"""Amounts of money ("$5.30", "a hundred and twelve dollars and thirty cents") and ages ("I'm sixty four")."""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.pii.context import Topic
from gateway.pii.lexicon import MONEY_UNITS, UNITS, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import Number

_SIGNS = "$€£¥"
_AM = words("i'm im i am he's she's he she they're is was turned turning turns about almost nearly just are")
_AFTER_AGE = words("and but years year so i he she we my now actually if with who")
_PEOPLE = words(
    "son daughter mother father mom dad wife husband brother sister grandmother grandfather grandma "
    "grandpa kid child baby boy girl patient he she who's he's she's son's daughter's mother's father's "
    "wife's husband's mom's dad's"
)
_CHILDREN = words("kids children sons daughters boys girls grandkids grandchildren")
_PER = words("night month year week piece person head hour day plate ticket gallon pound")


def find_money(reading: Reading) -> Found:
    """Amounts with a currency, and bare numbers after words such as "total"; takes their pieces."""
    found = Found()
    index = 0
    numbers = reading.numbers
    while index < len(numbers):
        last = _amount(reading, index)
        if last is None:
            index += 1
            continue
        first = numbers[index].first
        end = _with_unit(reading, numbers[last].end)
        if end < len(reading.pieces) and reading.word(end) == "and":
            following = reading.number_at.get(end + 1)
            if following is not None and reading.word(following.end) in MONEY_UNITS:
                end = following.end + 1
        else:
            following = reading.number_at.get(end)
            if following is not None and reading.word(following.end) in ("cents", "cent"):
                end = following.end + 1
        if reading.word(end) in ("a", "per", "an") and reading.word(end + 1) in _PER:
            end += 2
        found.hits.append(Hit(first, end, (Policy.MONEY_AMOUNT,), 0.9, "amount"))
        reading.taken.update(range(first, end))
        while index < len(numbers) and numbers[index].first < end:
            index += 1
    if numbers and not reading.settled:
        _leave_open(reading, found)
    return found


def _with_unit(reading: Reading, end: int) -> int:
    word = reading.word(end)
    if word in MONEY_UNITS:
        return end + 1
    if word in ("us", "canadian", "australian", "american") and reading.word(end + 1) in MONEY_UNITS:
        return end + 2
    return end


def _signed(reading: Reading, number: Number) -> bool:
    piece = reading.pieces[number.first]
    mark = piece.lead if piece.before is None else piece.before
    return mark != "" and mark[-1:] in tuple(_SIGNS)


def _amount(reading: Reading, index: int) -> int | None:
    """The last of the numbers that make one amount together with number `index`, or None."""
    numbers = reading.numbers
    signed = _signed(reading, numbers[index])
    last = index
    while last + 1 < len(numbers) and numbers[last + 1].first == numbers[last].end and last - index < 3:
        joined = reading.pieces[numbers[last].end - 1].after
        same_token = reading.pieces[numbers[last + 1].first].before is not None
        if signed and not (same_token and joined == "."):
            break
        if joined not in ("", ".", "-") or (joined == "." and not same_token):
            break
        last += 1
    while (
        last + 1 < len(numbers)
        and reading.word(numbers[last].end) == "point"
        and numbers[last + 1].first == numbers[last].end + 1
    ):
        last += 1
    if any(number.ordinal for number in numbers[index : last + 1]):
        return None
    if signed:
        return last
    end = numbers[last].end
    if reading.pieces[end - 1].after[:1] in (".", "?", "!") and not reading.pieces[end - 1].after.startswith(".-"):
        return last if _bare(reading, index, last) else None
    if _with_unit(reading, end) > end and numbers[index].digits != "":
        return last
    return last if _bare(reading, index, last) else None


def _bare(reading: Reading, index: int, last: int) -> bool:
    """Whether numbers without a currency are a price: "it's forty seven fifty", "two oh nine a night"."""
    first, end = reading.numbers[index].first, reading.numbers[last].end
    numbers = reading.numbers[index : last + 1]
    digits = "".join(number.digits for number in numbers)
    if not 2 <= len(digits) <= 6 or digits[0] == "0" or (last == index and reading.word(end) in UNITS):
        return False
    if end in reading.number_at or any(number.end == first for number in reading.numbers):
        return False
    evidence = reading.dialog.evidence(first)
    if reading.word(end) in ("a", "per", "an") and reading.word(end + 1) in _PER:
        return evidence.topic is Topic.MONEY or reading.word(end) == "per"
    return evidence.topic is Topic.MONEY and (
        (not evidence.asked and evidence.distance <= 3) or (evidence.asked and evidence.distance <= 8)
    )


def _leave_open(reading: Reading, found: Found) -> None:
    """Numbers at the end, or before the first half of "and thirty cents", may become an amount."""
    size = len(reading.pieces)
    last = reading.numbers[-1]
    if last.end == size or (last.end == size - 1 and reading.word(size - 1) in ("and", "point", "us")):
        index = len(reading.numbers) - 1
        while index > 0 and reading.numbers[index - 1].end == reading.numbers[index].first:
            index -= 1
        found.leave_open(reading.numbers[index].first)


def find_ages(reading: Reading) -> Found:
    """Ages; takes their pieces."""
    found = Found()
    for number in reading.numbers:
        if number.first in reading.taken or number.ordinal or number.value is None or not 0 < number.value <= 120:
            continue
        place = _age_end(reading, number)
        if place is None:
            continue
        found.hits.append(Hit(number.first, number.end, (Policy.PERSON_AGE,), 0.85, "age"))
        reading.taken.update(range(number.first, number.end))
    if reading.numbers and not reading.settled:
        number = reading.numbers[-1]
        tail = [piece.word for piece in reading.pieces[number.end :]]
        if len(tail) <= 1 and (not tail or tail[0] in ("years", "year", "months", "month", "weeks", "and")):
            found.leave_open(number.first)
    return found


def _age_end(reading: Reading, number: Number) -> int | None:
    after, later = reading.word(number.end), reading.word(number.end + 1)
    if after in ("year", "years", "yr", "month", "months", "week", "weeks") and later in ("old", "olds"):
        return number.end
    if _of_children(reading, number):
        return number.end
    alone = number.end not in reading.number_at and (number.first == 0 or _free_before(reading, number))
    if not alone:
        return None
    before = reading.word(number.first - 1)
    if before in ("age", "aged"):
        return number.end
    closed = reading.ends_phrase(number.end) or after in _AFTER_AGE
    if after in ("year", "years") or after in UNITS or after in MONEY_UNITS:
        return None
    turned = before in ("turned", "turning", "turns") and after in ("in", "on", "this", "next", "tomorrow", "today")
    if not (closed or turned) or (after == "and" and reading.word(number.end + 1) == "a"):
        return None
    if number.end >= len(reading.pieces) and not reading.settled:
        return None
    person = reading.word(number.first - 2)
    own = before in ("i'm", "im") or (before == "am" and person == "i") or before in ("turned", "turning", "turns")
    other = before in ("he's", "she's") or (before in ("is", "was") and person in _PEOPLE)
    if before in ("over", "under") and reading.word(number.first - 2) in ("you", "i", "i'm", "am", "be"):
        return number.end
    counted = number.value is not None and (number.value >= 13 or (other and number.value >= 1))
    if (own or other) and counted and before in _AM:
        return number.end
    evidence = reading.dialog.evidence(number.first)
    if evidence.topic is Topic.AGE and evidence.distance <= 6:
        return number.end
    return None


def _of_children(reading: Reading, number: Number) -> bool:
    """Whether the number is one of the ages in "two kids, six and ten"."""
    place = number.first
    if reading.word(place - 1) == "and":
        place -= 1
        earlier = next((other for other in reading.numbers if other.end == place), None)
        return earlier is not None and _of_children(reading, earlier) and reading.word(number.end) not in UNITS
    listed = reading.word(place - 1) in _CHILDREN and reading.pieces[place - 1].after.startswith(",")
    return listed and reading.word(number.end) in ("and", "")


def _free_before(reading: Reading, number: Number) -> bool:
    """Whether no other number stands right before."""
    place = number.first
    return not any(other.end == place for other in reading.numbers)
