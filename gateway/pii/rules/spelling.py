"""Spelled names and places: "J O N E S", "J-O-H-N", "l. o. w", "b as in boy", "b for bravo"."""

from __future__ import annotations

from collections.abc import Collection

from gateway.core.policy import Policy
from gateway.pii.context import Topic
from gateway.pii.lexicon import FILLERS, LETTER_NAMES, PHONETIC_ALPHABET, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import is_letter

_ACRONYMS = words(
    "usa ibm copd atm dmv irs fbi cia faq pdf gps asap dob ssn cvv cvc abc cnn usps ups fedex hr it id tv "
    "pc dvd cd usb hiv adhd mri iud ekg ecg icu nba nfl nhl mlb nbc cbs bbc aol msn ceo cfo cto phd diy "
    "eta fyi ymca aarp llc iban aba dna rsvp sms url html lcd led vpn wifi std ptsd ocd ivf cpr emt hvac "
    "acls upc sku vin apr ira roi us uk eu un dc uv ac dj mc ok pm am"
)
_CODES = {
    Topic.ACCOUNT: Policy.ACCOUNT_NUMBER,
    Topic.HEALTHCARE: Policy.HEALTHCARE_NUMBER,
    Topic.PASSPORT: Policy.PASSPORT_NUMBER,
    Topic.PASSWORD: Policy.PASSWORD,
    Topic.VEHICLE: Policy.VEHICLE_ID,
    Topic.COMPANY: Policy.ORGANIZATION_ID,
    Topic.MEDICAL_CODE: Policy.MEDICAL_CODE,
}
"""What letters alone are where such a number is talked about: a plate, a password."""
_LINKING = frozenset({"as", "for", "like"})
_BETWEEN = words("then and dash hyphen space capital") | FILLERS


def _unit(reading: Reading, place: int, inside: bool) -> tuple[int, str] | None:
    """(end, letters) of one spelled letter at `place`: "b", "double l", "b as in boy", "bee" and "oh" among others."""
    pieces = reading.pieces
    if place >= len(pieces):
        return None
    piece = pieces[place]
    word = piece.word
    if word == "double" and place + 1 < len(pieces) and is_letter(pieces[place + 1]):
        return (place + 2, "w") if pieces[place + 1].word == "u" else (place + 2, pieces[place + 1].word * 2)
    if is_letter(piece) and word.isalpha():
        if reading.word(place + 1) == "as" and reading.word(place + 2) == "in" and place + 3 < len(pieces):
            return place + 4, word
        link = reading.word(place + 1) in ("for", "like") and place + 2 < len(pieces)
        if link and reading.word(place + 2)[:1] == word and word not in "ai":
            return place + 3, word
        return place + 1, word
    if inside and piece.upper and len(word) <= 4:
        return place + 1, word
    if inside and word in LETTER_NAMES and not piece.capital:
        return place + 1, LETTER_NAMES[word]
    if inside and word == "oh":
        return place + 1, "o"
    if word in PHONETIC_ALPHABET and (inside or reading.word(place + 1) in PHONETIC_ALPHABET):
        return place + 1, word[0]
    return None


def find(reading: Reading, taken: Collection[int], named: Collection[int]) -> Found:
    """Runs of spelled letters.

    `taken`: pieces of dictated numbers and addresses. `named`: pieces already known as names.
    """
    found = Found()
    pieces = reading.pieces
    size = len(pieces)
    place = 0
    while place < size:
        start = _unit(reading, place, False)
        if start is None or place in taken:
            place += 1
            continue
        first, (end, letters) = place, start
        gap = 0
        scan = end
        while scan < size and scan not in reading.dialog.barriers and gap <= 1 and scan not in taken:
            unit = _unit(reading, scan, True)
            if unit is not None:
                end, letters, gap = unit[0], letters + unit[1], 0
                scan = end
            elif pieces[scan].word in _BETWEEN and reading.word(scan + 1) not in ("i", "a"):
                gap += 1
                scan += 1
            else:
                break
        last_alone = scan >= size
        if (
            len(letters) > 1
            and letters[-1] in "a"
            and end < size
            and pieces[end - 1].before is None
            and pieces[end - 2].after
        ):
            end -= 1
            letters = letters[:-1]
        policies = _policies(reading, first, end, letters, named)
        if policies:
            found.hits.append(Hit(first, end, policies, 0.85, "spelled"))
        elif not reading.complete and last_alone and (letters.strip("ai") != "" or _spelling(reading, first)):
            found.leave_open(first)
        place = max(end, first + 1)
    if not reading.complete:
        _open_example(reading, found)
    return found


def _open_example(reading: Reading, found: Found) -> None:
    """ "b as", "b as in" at the end."""
    words = [reading.word(len(reading.pieces) - back) for back in (3, 2, 1)]
    for back, tail in ((2, words[1:]), (3, words)):
        place = len(reading.pieces) - back
        linked = place >= 0 and is_letter(reading.pieces[place]) and tail[1] in _LINKING
        if linked and (back == 2 or tail[2] == "in"):
            found.leave_open(place)


def _spelling(reading: Reading, first: int) -> bool:
    topics = reading.dialog.evidence(first).topics
    return Topic.SPELL in topics or (Topic.NAME in topics and reading.dialog.evidence(first).distance <= 4)


def _policies(reading: Reading, first: int, end: int, letters: str, named: Collection[int]) -> tuple[Policy, ...]:
    """What the letters spell; nothing when they are too few to tell."""
    if len(letters) < 2 or (letters in _ACRONYMS and not _spelling(reading, first)):
        return ()
    evidence = reading.dialog.evidence(first)
    topics = [topic for topic in evidence.topics if topic is not Topic.SPELL]
    spelled = Topic.SPELL in evidence.topics or any(place in named for place in range(max(0, first - 6), first))
    if topics and topics[0] is Topic.ADDRESS:
        return (Policy.LOCATION,)
    if topics and topics[0] is Topic.EMAIL:
        return (Policy.EMAIL_ADDRESS,) if len(letters) >= 3 else ()
    if topics and topics[0] in (Topic.IDENTIFIER, Topic.LICENSE, Topic.BANK):
        return (Policy.NUMBER_SEQUENCE,) if len(letters) >= 3 else ()
    if topics and topics[0] in _CODES:
        return (_CODES[topics[0]], Policy.NUMBER_SEQUENCE) if len(letters) >= 3 else ()
    if (topics and topics[0] is Topic.NAME and evidence.distance <= 8) or spelled:
        sure = len(letters) >= 3 or Topic.SPELL in evidence.topics or (evidence.asked and reading.ends_phrase(end))
        return (Policy.PERSON_NAME,) if sure else ()
    if len(letters) >= 4:
        return Policy.PERSON_NAME, Policy.LOCATION
    return ()
