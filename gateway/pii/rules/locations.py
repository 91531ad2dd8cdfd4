"""Addresses with a house number, places after an address cue or question, and states, countries and large cities."""

from __future__ import annotations

from functools import cache

from gateway.core.policy import Policy
from gateway.pii.context import Topic
from gateway.pii.gazetteer import places
from gateway.pii.lexicon import CARRIERS, FILLERS, MONTHS, NOT_NAMES, NUMBER_WORDS, ORDINALS, UNITS, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import Number, is_letter

STREET_WORDS = words(
    "street st avenue ave road rd court ct lane ln drive dr boulevard blvd place pl circle cir terrace "
    "way highway hwy parkway pkwy trail square plaza alley loop crescent row pike turnpike route close "
    "gardens mews grove"
)
_UNIT = words("apartment apt unit suite floor number")
_NOT_STREET = (
    words(
        "the a an of and or to for in on at is are was were i you we they he she it my your his her our their "
        "this that with from not no yes but so if then than as by do does did have has had be been will would "
        "can could please people dollars percent card account code number back more other"
    )
    | UNITS
)
_AMBIGUOUS = words(
    "georgia virginia washington jordan chad turkey china reading mobile nice orange lima cork bath jersey"
)
_BEFORE_PLACE = words("in from to near at live visit visiting outside leaving moved into of around city")
_ANSWER_STOP = words(
    "i i'm and but is my the it's that's so can could do does did you we they he she please thanks thank "
    "okay yes no not because if when what how with for have has"
)
_MAY_FOLLOW = frozenset({"i", "i'm", "i'll", "i've", "i'd", "zip", *NUMBER_WORDS, *MONTHS, *STREET_WORDS})
_CODES = words("postcode postal post zip zipcode")
MAX_CODE_PIECES = 10
MAX_STREET_WORDS = 3


@cache
def _by_first_word() -> dict[str, list[tuple[str, ...]]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for line in places():
        words = tuple(line.split())
        table.setdefault(words[0], []).append(words)
    for entries in table.values():
        entries.sort(key=len, reverse=True)
    return table


def _place_end(reading: Reading, place: int) -> int | None:
    """The end of a listed place at `place`; not when a capital goes on ("Ohio State")."""
    words = reading.dialog.words
    word = words[place]
    plain = word[:-2] if word.endswith("'s") else word
    for phrase in _by_first_word().get(plain, ()):
        end = place + len(phrase)
        if len(phrase) == 1 or tuple(words[place:end]) == phrase:
            if reading.cased and (not reading.pieces[place].capital or _goes_on(reading, end)):
                return None
            return end
    if plain in _AMBIGUOUS and (reading.word(place - 1) in _BEFORE_PLACE or _place_before(reading, place)):
        return place + 1 if not reading.cased or reading.pieces[place].capital else None
    return None


def _goes_on(reading: Reading, end: int) -> bool:
    """Whether another capitalised word follows at once, so that the place is only a part of another name."""
    if end >= len(reading.pieces) or end in reading.dialog.barriers or reading.pieces[end - 1].after != "":
        return False
    piece = reading.pieces[end]
    return piece.capital and not piece.figure and piece.word not in _MAY_FOLLOW and piece.word not in _by_first_word()


def _place_before(reading: Reading, place: int) -> bool:
    return place > 0 and reading.pieces[place - 1].after == "," and reading.pieces[place - 1].capital


def _number_ending(reading: Reading, place: int) -> Number | None:
    for back in range(1, 7):
        number = reading.number_at.get(place - back)
        if number is not None and number.end == place:
            return number
    return None


def _street(reading: Reading, number: Number) -> int | None:
    """The end of a street after the house number: "Juniper Street", "Ridgeline Court", "22nd Avenue"."""
    place = number.end
    steps = 0
    while place < len(reading.pieces) and steps <= MAX_STREET_WORDS + 1:
        if place in reading.dialog.barriers or reading.pieces[place - 1].ends_sentence:
            return None
        word = reading.word(place)
        if word in STREET_WORDS and steps >= 1:
            return place + 1
        if word in _NOT_STREET or (steps and "," in reading.pieces[place - 1].after):
            return None
        inner = reading.number_at.get(place)
        place = inner.end if inner is not None and inner.ordinal else place + 1
        steps += 1
    return None


def _tail(reading: Reading, end: int, bold: bool) -> int:
    """What belongs to an address after its street: unit, city, state, zip code."""
    size = len(reading.pieces)
    while end < size and end not in reading.dialog.barriers:
        word = reading.word(end)
        stopped = reading.pieces[end - 1].ends_sentence and reading.pieces[end - 1].word not in STREET_WORDS
        number = reading.number_at.get(end)
        listed = _place_end(reading, end)
        if stopped and number is None:
            break
        if word in _UNIT and (end + 1 in reading.number_at or is_letter(reading.pieces[min(end + 1, size - 1)])):
            end += 1
            end = reading.number_at[end].end if end in reading.number_at else end + 1
        elif number is not None and not number.ordinal:
            end = number.end
        elif listed is not None:
            end = listed
        elif (
            (
                word in ("zip", "code", "is", "north", "south", "east", "west")
                and not stopped
                and (end + 1 in reading.number_at or word in ("zip", "north", "south", "east", "west"))
            )
            or (
                bold and word not in _ANSWER_STOP and (not reading.cased or reading.pieces[end].capital) and not stopped
            )
            or (reading.cased and reading.pieces[end].capital and "," in reading.pieces[end - 1].after)
        ):
            end += 1
        else:
            break
    while reading.word(end - 1) in ("is", "code", "zip"):
        end -= 1
    return end


def find(reading: Reading) -> Found:
    """All places and addresses; takes the pieces of addresses."""
    found = Found()
    pieces = reading.pieces
    size = len(pieces)
    covered = 0
    for number in reading.numbers:
        if number.first < covered or number.first in reading.taken or (number.ordinal and not number.figure):
            continue
        end = _street(reading, number)
        if end is None:
            if not reading.settled and _street_open(reading, number):
                found.leave_open(number.first)
            continue
        first = number.first
        before = _number_ending(reading, first)
        while before is not None and before.first not in reading.taken and pieces[before.end - 1].after in ("", "-"):
            first = before.first
            before = _number_ending(reading, first)
        end = _tail(reading, end, Topic.ADDRESS in reading.dialog.evidence(first).topics)
        found.hits.append(Hit(first, end, (Policy.LOCATION_ADDRESS,), 0.9, "address"))
        covered = end
    spans = [(hit.first, hit.end) for hit in found.hits]
    place = 0
    while place < size:
        inside = next((end for first, end in spans if first <= place < end), None)
        if inside is not None:
            place = inside
            continue
        end = _place_end(reading, place)
        if end is None:
            place += 1
            continue
        first = place
        if reading.cased:
            while (
                first > 0
                and pieces[first - 1].capital
                and pieces[first - 1].after == ","
                and first - 1 not in reading.number_at
            ):
                first -= 1
        end = _tail(reading, end, False) if pieces[end - 1].after in ("", ",") else end
        found.hits.append(Hit(first, end, (Policy.LOCATION,), 0.7, "place"))
        place = end
    _answers(reading, found)
    _corners(reading, found)
    return found


def _street_open(reading: Reading, number: Number) -> bool:
    tail = reading.pieces[number.end :]
    if (
        len(tail) > MAX_STREET_WORDS
        or len(number.digits) < 2
        or any(number.end <= place for place in reading.dialog.barriers)
    ):
        return False
    if (
        any(piece.word in _NOT_STREET or piece.ends_sentence for piece in tail)
        or reading.pieces[number.end - 1].ends_sentence
    ):
        return False
    return not tail or not reading.cased or all(piece.capital for piece in tail)


def _small(reading: Reading, place: int) -> bool:
    """Whether capitals say something and the piece has none."""
    return reading.cased and not reading.pieces[place].capital


def _corners(reading: Reading, found: Found) -> None:
    """ "the corner of Beacon and Twenty Second" """
    for place in range(len(reading.pieces) - 2):
        if reading.word(place) not in ("corner", "intersection") or reading.word(place + 1) != "of":
            continue
        end = place + 2
        joined = False
        while end < len(reading.pieces) and end - place < 9 and not (end > place + 2 and reading.ends_phrase(end)):
            word = reading.word(end)
            if word == "and" and not joined:
                joined = True
            elif (joined and reading.cased and not reading.pieces[end].capital) or (
                word in _NOT_STREET and word != "the" and word not in ORDINALS
            ):
                break
            end += 1
        if end >= len(reading.pieces) and not reading.settled:
            found.leave_open(place - (reading.word(place - 1) == "the"))
        if joined and end > place + 4:
            found.hits.append(Hit(place - (reading.word(place - 1) == "the"), end, (Policy.LOCATION,), 0.8, "corner"))


def _code_end(reading: Reading, place: int) -> int | None:
    """The end of a short answer of letters and digits: "s 09 6 a a", "SW1A 1AA"."""
    end = place
    digits = 0
    while end < len(reading.pieces) and end - place <= MAX_CODE_PIECES:
        piece = reading.pieces[end]
        spelled = is_letter(piece) or piece.figure or len(piece.word) <= 3 or end in reading.number_at
        if not spelled or (end > place and end in reading.dialog.barriers):
            break
        digits += piece.figure or end in reading.number_at
        end += 1
        if piece.ends_sentence:
            break
    return end if digits and end - place >= 2 and reading.ends_phrase(end) else None


def _answers(reading: Reading, found: Found) -> None:
    """Words said first after "which city?", "your address?", "where are you calling from?"."""
    dialog = reading.dialog
    for turn, start in zip(dialog.turns, dialog.turn_starts, strict=True):
        topics = [cue.topic for cue in turn.cues]
        asked_where = any(piece.word == "where" for piece in turn.pieces) and any(
            piece.word in ("from", "live", "located", "born") for piece in turn.pieces
        )
        if Topic.ADDRESS not in topics[-2:] and not asked_where:
            continue
        if Topic.EMAIL in topics:
            continue
        place = start
        while (
            place < len(reading.pieces)
            and place - start < 5
            and reading.word(place) in CARRIERS | FILLERS | {"at", "in", "from", "live", "on"}
        ):
            place += 1
        if any(cue.topic is Topic.ADDRESS and turn.pieces[cue.first].word in _CODES for cue in turn.cues):
            end = _code_end(reading, place)
            if end is not None:
                found.hits.append(Hit(place, end, (Policy.LOCATION,), 0.8, "postcode"))
                continue
        if place >= len(reading.pieces) or place in reading.number_at or is_letter(reading.pieces[place]):
            continue
        piece = reading.pieces[place]
        asks = any("?" in heard.after for heard in turn.pieces) or not any(heard.ends_sentence for heard in turn.pieces)
        if (
            not asks
            or piece.word in NOT_NAMES
            or piece.word in _ANSWER_STOP
            or (reading.cased and (not piece.capital or (place == start + 0 and piece.word in CARRIERS)))
        ):
            continue
        if not reading.cased and len(reading.pieces) - place > 6:
            continue
        end = place + 1
        if not piece.ends_sentence:
            end = _tail(reading, end, True)
        if any(hit.first <= place < hit.end for hit in found.hits):
            continue
        found.hits.append(Hit(place, end, (Policy.LOCATION,), 0.7, "answer"))
