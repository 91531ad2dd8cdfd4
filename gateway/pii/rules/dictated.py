"""Dictated numbers: phone, social security, card, expiration, security code, bank, licence, zip code, any sequence.

A run of digits gets its kind from the cue before it, the other party's question, what was dictated just before (a
card's expiration follows its number), its length, its format and its checksum. When that leaves several kinds
possible, all are named, the likeliest first: whichever of them is selected covers it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.policy import Policy
from gateway.pii.context import Evidence, Topic
from gateway.pii.lexicon import UNITS
from gateway.pii.rules.checksums import (
    aba_valid,
    birth_possible,
    expiry_possible,
    iban_valid,
    luhn_valid,
    ssn_possible,
    vin_valid,
)
from gateway.pii.rules.quantities import is_counted, stands_alone
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.runs import Run, build_runs, dictated, trailing_gap_open
from gateway.pii.spoken import Number, read_numbers

_ECHO_DIGITS = 3
"""So many digits that the other party said too are a read-back, or its echo on the line."""

_POLICY: dict[Topic, tuple[Policy, ...]] = {
    Topic.PHONE: (Policy.PHONE_NUMBER,),
    Topic.SSN: (Policy.US_SOCIAL_SECURITY_NUMBER,),
    Topic.CARD: (Policy.CREDIT_CARD_NUMBER,),
    Topic.EXPIRY: (Policy.CREDIT_CARD_EXPIRATION,),
    Topic.CVV: (Policy.CREDIT_CARD_CVV,),
    Topic.BANK: (Policy.BANKING_INFORMATION, Policy.ACCOUNT_NUMBER),
    Topic.LICENSE: (Policy.DRIVERS_LICENSE,),
    Topic.ADDRESS: (Policy.LOCATION,),
    Topic.BIRTH: (Policy.DATE_OF_BIRTH, Policy.DATE),
    Topic.AGE: (Policy.PERSON_AGE,),
    Topic.MONEY: (Policy.MONEY_AMOUNT,),
    Topic.TAX: (Policy.US_SOCIAL_SECURITY_NUMBER, Policy.ORGANIZATION_ID),
    Topic.ACCOUNT: (Policy.ACCOUNT_NUMBER, Policy.HEALTHCARE_NUMBER),
    Topic.HEALTHCARE: (Policy.HEALTHCARE_NUMBER, Policy.ACCOUNT_NUMBER),
    Topic.PASSPORT: (Policy.PASSPORT_NUMBER,),
    Topic.PASSWORD: (Policy.PASSWORD,),
    Topic.VEHICLE: (Policy.VEHICLE_ID,),
    Topic.COMPANY: (Policy.ORGANIZATION_ID,),
    Topic.MEDICAL_CODE: (Policy.MEDICAL_CODE,),
    Topic.IDENTIFIER: (),
}

_WAITS_FOR_DIGITS = (frozenset(_POLICY) | {Topic.NUMBER, Topic.LAST_FOUR, Topic.ENDING}) - {Topic.MONEY, Topic.AGE}

_VAGUE = frozenset({Topic.MONEY, Topic.ADDRESS, Topic.IDENTIFIER})

_LENGTHS: dict[Topic, tuple[int, int]] = {
    Topic.ACCOUNT: (5, 20),
    Topic.HEALTHCARE: (6, 20),
    Topic.PASSPORT: (6, 12),
    Topic.PASSWORD: (4, 12),
    Topic.VEHICLE: (4, 17),
    Topic.COMPANY: (6, 14),
    Topic.MEDICAL_CODE: (3, 8),
}
"""How many letters and digits such a number usually has."""

_AGE_NOT = UNITS - {"years", "year", "months", "month", "weeks", "week"}


def _fit(topic: Topic, run: Run) -> int:
    """How well the run fits the topic: 2 it has the right length, 1 it may (misheard, cut off), 0 it cannot."""
    digits = run.digits
    size = len(digits)
    if topic is Topic.CARD:
        return 2 if 13 <= size <= 19 else int(size >= 3)
    if topic is Topic.CVV:
        return 2 if size in (3, 4) else int(size in (2, 5))
    if topic is Topic.EXPIRY:
        return 2 if expiry_possible(digits) else int(2 <= size <= 8)
    if topic in (Topic.SSN, Topic.TAX):
        return 2 if size in (9, 4) else int(2 <= size <= 12)
    if topic is Topic.BANK:
        return 2 if 6 <= size <= 17 or iban_valid(run.text) else int(size >= 2)
    if topic is Topic.PHONE:
        return 2 if size in (7, 10, 11) else int(2 <= size <= 15)
    if topic is Topic.BIRTH:
        return 2 if birth_possible(digits) else int(1 <= size <= 9)
    if topic is Topic.ADDRESS:
        return 2 if size in (5, 9) else int(1 <= size <= 9)
    if topic is Topic.LICENSE:
        return 2 if 5 <= len(run.text) <= 14 else int(len(run.text) >= 3)
    if topic is Topic.AGE:
        return 2 if size <= 3 and 1 <= int(digits) <= 120 and len(run.numbers) == 1 else 0
    if topic in _LENGTHS:
        low, high = _LENGTHS[topic]
        return 2 if low <= len(run.text) <= high else int(len(run.text) >= 2)
    if topic is Topic.MONEY:
        return int(size <= 7 and run.letters == 0)
    return 1 if topic is Topic.IDENTIFIER else 0


@dataclass(slots=True)
class _Kind:
    """The policies a run may be of, the likeliest first, and the topic that said so."""

    policies: tuple[Policy, ...]
    confidence: float
    rule: str
    topic: Topic | None


def _unknown(run: Run) -> _Kind:
    """The kind of a run nothing was said about."""
    digits = run.digits
    size = len(digits)
    policies: tuple[Policy, ...] = ()
    confidence = 0.6
    if _counting(digits):
        return _Kind((), 0.9, "counting", None)
    if run.letters == 0 and 12 <= size <= 19:
        policies = (Policy.CREDIT_CARD_NUMBER, Policy.BANKING_INFORMATION)
        confidence = 0.97 if luhn_valid(digits) else 0.7
    elif vin_valid(run.text):
        policies, confidence = (Policy.VEHICLE_ID,), 0.97
    elif iban_valid(run.text):
        policies, confidence = (Policy.BANKING_INFORMATION,), 0.97
    elif run.letters:
        policies = (Policy.DRIVERS_LICENSE,) if size >= 6 and len(run.text) <= 14 and run.letters <= 2 else ()
    elif size == 9:
        policies = (
            Policy.US_SOCIAL_SECURITY_NUMBER,
            Policy.BANKING_INFORMATION,
            Policy.PHONE_NUMBER,
            Policy.DRIVERS_LICENSE,
        )
        if aba_valid(digits) and not _grouped(run, (3, 2, 4)):
            policies = (Policy.BANKING_INFORMATION, *policies)
        elif not ssn_possible(digits) and not _grouped(run, (3, 2, 4)):
            policies = policies[1:]
    elif size in (10, 11):
        policies = (Policy.PHONE_NUMBER, Policy.BANKING_INFORMATION)
        confidence = 0.8
    elif size in (7, 8):
        policies = (Policy.PHONE_NUMBER, Policy.BANKING_INFORMATION, Policy.DRIVERS_LICENSE)
    elif size > 19:
        policies = (Policy.CREDIT_CARD_NUMBER, Policy.BANKING_INFORMATION, Policy.PHONE_NUMBER)
    return _Kind(policies, confidence, "length", None)


def _counting(digits: str) -> bool:
    """Whether the digits count up or down by one: "one two three four five six"."""
    return digits in "0123456789" or digits in "9876543210" or digits.startswith("12345678910")


def _grouped(run: Run, sizes: tuple[int, ...]) -> bool:
    return tuple(len(number.digits) for number in run.numbers) == sizes


def _last_four(evidence: Evidence) -> tuple[Policy, ...]:
    """What "last four" / "ending in" digits come from."""
    for topic in evidence.topics:
        if topic in (Topic.CARD, Topic.SSN, Topic.BANK, Topic.PHONE):
            return _POLICY[topic]
    card, ssn = Policy.CREDIT_CARD_NUMBER, Policy.US_SOCIAL_SECURITY_NUMBER
    first, second = (card, ssn) if evidence.topics[0] is Topic.ENDING else (ssn, card)
    return first, second, Policy.BANKING_INFORMATION, Policy.PHONE_NUMBER


def _from_topics(run: Run, evidence: Evidence, card_talk: bool) -> _Kind | None:
    topics = evidence.topics
    if topics and topics[0] in (Topic.LAST_FOUR, Topic.ENDING):
        size = len(run.digits)
        return _Kind(_last_four(evidence), 0.8, "last four", None) if 2 <= size <= 6 else None
    topics = [topic for topic in topics if topic in _POLICY]
    best: Topic | None = None
    for topic in topics if evidence.asked else topics[:1]:
        if best is None or _fit(topic, run) > _fit(best, run):
            best = topic
    if best is None or _fit(best, run) == 0:
        return None
    digits = run.digits
    if best in (Topic.MONEY, Topic.AGE) and len(digits) >= 7:
        return None
    card_like = 15 <= len(digits) <= 16 and luhn_valid(digits)
    if card_like and best not in (Topic.CARD, Topic.BANK):
        return None
    if best is Topic.IDENTIFIER and _grouped(run, (3, 2, 4)):
        return None
    if best is Topic.IDENTIFIER and evidence.code and card_talk and len(digits) in (3, 4):
        best = Topic.CVV
    sure = (best is Topic.CARD and luhn_valid(digits)) or (best is Topic.BANK and aba_valid(digits))
    confidence = 0.98 if sure else 0.9 if _fit(best, run) == 2 else 0.75
    policies = (Policy.VEHICLE_ID,) if vin_valid(run.text) else _POLICY[best]
    return _Kind(policies, confidence, best.name.lower(), best)


def _from_previous(run: Run, previous: tuple[Run, _Kind] | None, words_between: int) -> _Kind | None:
    """What the run is after another one of the same answer: a card's expiration and code, or more of the same."""
    if previous is None or words_between > 8:
        return None
    before, kind = previous
    size = len(run.digits)
    if kind.topic is Topic.CARD or kind.policies[:1] == (Policy.CREDIT_CARD_NUMBER,):
        if len(before.digits) >= 12 and size <= 8:
            if expiry_possible(run.digits) and size >= 3:
                return _Kind(
                    (Policy.CREDIT_CARD_EXPIRATION, Policy.CREDIT_CARD_NUMBER), 0.7, "after card", Topic.EXPIRY
                )
            if size in (3, 4):
                return _Kind((Policy.CREDIT_CARD_CVV, Policy.CREDIT_CARD_NUMBER), 0.7, "after card", Topic.CVV)
        return None
    if kind.topic is Topic.EXPIRY and size in (3, 4):
        return _Kind((Policy.CREDIT_CARD_CVV,), 0.7, "after expiration", Topic.CVV)
    if kind.policies and kind.topic is None and size >= 3:
        return _Kind(kind.policies, 0.6, "more of the same", None)
    return None


def _trailing(reading: Reading, run: Run) -> _Kind | None:
    """ "... is my social", "... is the routing number" after the run."""
    place = run.end
    if reading.word(place) not in ("is", "was", "that's", "it's") or place in reading.dialog.barriers:
        return None
    for cue in reading.dialog.cues:
        if place + 1 <= cue.first <= place + 3 and cue.topic in _POLICY:
            if _fit(cue.topic, run):
                return _Kind(_POLICY[cue.topic], 0.85, "named after", cue.topic)
            return None
    return None


def dialog_card(reading: Reading, place: int) -> bool:
    """Whether a card was talked about before `place`, by either party."""
    topics = (Topic.CARD, Topic.EXPIRY, Topic.CVV)
    dialog = reading.dialog
    if any(cue.topic in topics and cue.end <= place for cue in dialog.cues):
        return True
    turns = zip(dialog.turns, dialog.turn_starts, strict=True)
    return any(start <= place and any(cue.topic in topics for cue in turn.cues) for turn, start in turns)


def classify(reading: Reading, run: Run, previous: tuple[Run, _Kind] | None) -> _Kind:
    """What `run` is; `previous` is the dictated run before it, if the other party asked nothing new since."""
    if is_counted(reading, run):
        return _Kind((), 0.9, "quantity", None)
    if reading.pieces[run.first].lead.endswith("+") and 8 <= len(run.digits) <= 15:
        return _Kind((Policy.PHONE_NUMBER,), 0.95, "country code", None)
    evidence = reading.dialog.evidence(run.first)
    words_between = run.first - previous[0].end if previous else 99
    fresh = evidence.cues and not evidence.asked and previous is not None and evidence.distance <= words_between
    kind = None
    if not fresh and previous is not None and evidence.distance >= words_between - 1:
        kind = _from_previous(run, previous, words_between)
        asked = evidence.topic
        if kind is not None and asked is not None and asked is not kind.topic and asked in (Topic.EXPIRY, Topic.CVV):
            kind = None
    if kind is None:
        kind = _from_topics(run, evidence, dialog_card(reading, run.first))
    if kind is None or not kind.policies or kind.topic in _VAGUE:
        kind = _trailing(reading, run) or kind
    return kind or _echoed(reading, run) or _unknown(run)


def _echoed(reading: Reading, run: Run) -> _Kind | None:
    """What the other party's number is that the run says again, perhaps long after it was asked for."""
    if len(run.digits) < _ECHO_DIGITS:
        return None
    dialog = reading.dialog
    for turn, start in zip(reversed(dialog.turns), reversed(dialog.turn_starts), strict=True):
        said = "".join(number.digits for number in read_numbers(turn.pieces))
        if start > run.first or run.digits not in said:
            continue
        topics = [topic for topic in dialog.evidence(start).topics if _POLICY.get(topic)]
        if topics:
            return _Kind(_POLICY[topics[0]], 0.8, "said again", topics[0])
    return None


def find(reading: Reading) -> Found:
    """All dictated numbers. A run with two digits or more is also a number_sequence."""
    found = Found()
    dialog = reading.dialog
    waits: dict[int, bool] = {}

    def expects(place: int) -> bool:
        if place not in waits:
            topic = dialog.evidence(place).topic
            waits[place] = topic in _WAITS_FOR_DIGITS
        return waits[place]

    taken = reading.taken.union(
        place for cue in dialog.cues if cue.end - cue.first > 1 for place in range(cue.first, cue.end)
    )
    runs = build_runs(reading.pieces, reading.numbers, taken, dialog.barriers, expects)
    previous: tuple[Run, _Kind] | None = None
    for run in [part for whole in runs for part in _split_card(whole)]:
        if previous is not None and any(previous[0].end <= place <= run.first for place in dialog.barriers):
            previous = None
        eager = expects(run.first)
        sequence = len(run.digits) >= 2 or (len(run.text) >= 2 and run.letters > 0 and len(run.text) >= 3)
        sequence = sequence and (eager or not stands_alone(reading, run))
        lone = len(run.digits) == 1 and run.letters == 0
        kind = classify(reading, run, previous)
        if not lone or kind.topic in (Topic.AGE, Topic.ADDRESS, Topic.BIRTH):
            _cover(reading, run, kind, found, sequence)
        if not reading.complete and _may_become(reading, kind) and _still_open(reading, run, eager):
            found.leave_open(run.first)
        if dictated(run) and (kind.policies or kind.topic is not None):
            previous = (run, kind)
    _cover_taken(reading, found)
    return found


def _split_card(run: Run) -> list[Run]:
    """A card's number with its expiration and code said in one breath, taken apart."""
    if run.letters or run.misheard or len(run.segments) > 1 or not 17 <= len(run.text) <= 25:
        return [run]
    size = 0
    for count, number in enumerate(run.numbers[:-1], 1):
        size += len(number.digits)
        if size in (15, 16) and luhn_valid(run.text[:size]):
            rest = run.numbers[count:]
            parts = [run.numbers[:count], rest]
            for middle in range(1, len(rest)):
                date = "".join(part.digits for part in rest[:middle])
                if len(date) in (3, 4, 6) and expiry_possible(date) and len(run.text) - size - len(date) in (3, 4):
                    parts = [run.numbers[:count], rest[:middle], rest[middle:]]
            return [_part_of(run, part) for part in parts]
    return [run]


def _part_of(run: Run, numbers: list[Number]) -> Run:
    first = run.first if numbers[0] is run.numbers[0] else numbers[0].first
    end = run.end if numbers[-1] is run.numbers[-1] else numbers[-1].end
    digits = "".join(number.digits for number in numbers)
    return Run(first, end, [(first, end)], [digits], 0, digits, numbers)


def _cover_taken(reading: Reading, found: Found) -> None:
    """Numbers in dates, amounts and times are sequences too when they have two digits or more."""
    group: list[Number] = []
    for number in [*reading.numbers, None]:
        if group and (number is None or number.first != group[-1].end or number.first not in reading.taken):
            if sum(len(part.digits) for part in group) >= 2:
                found.hits.append(Hit(group[0].first, group[-1].end, (Policy.NUMBER_SEQUENCE,), 0.9, "sequence"))
            group = []
        if number is not None and number.first in reading.taken and (number.figure or not number.ordinal):
            group.append(number)


def _cover(reading: Reading, run: Run, kind: _Kind, found: Found, sequence: bool) -> None:
    policies = kind.policies
    if kind.topic is Topic.AGE and reading.word(run.end) in _AGE_NOT:
        policies = ()
    if kind.topic is Topic.ADDRESS and len(run.digits) <= 2 and not _answers(reading, run):
        policies = ()
    if kind.topic is Topic.BIRTH and len(run.digits) == 1 and not _answers(reading, run):
        policies = ()
    if kind.topic is Topic.MONEY and not dictated(run) and len(run.digits) < 2:
        policies = ()
    if kind.topic is Topic.ADDRESS and policies:
        code = len(run.digits) in (5, 9) or (run.letters > 0 and 5 <= len(run.text) <= 8)
        policies = (Policy.LOCATION_ZIP if code else Policy.LOCATION_ADDRESS,)
    for first, end in run.segments:
        if policies:
            found.hits.append(Hit(first, end, policies, kind.confidence, kind.rule))
        if sequence and _sequence(run, first, end):
            found.hits.append(Hit(first, end, (Policy.NUMBER_SEQUENCE,), 0.9, "sequence"))


def _answers(reading: Reading, run: Run) -> bool:
    """Whether the run is about all the answer there is, or stands right after its cue."""
    evidence = reading.dialog.evidence(run.first)
    return bool(evidence.cues) and evidence.distance <= 3


def _sequence(run: Run, first: int, end: int) -> bool:
    """Whether a stretch of the run has two digits or more (or letters mixed with a digit)."""
    digits = sum(len(number.digits) for number in run.numbers if first <= number.first < end)
    return digits >= 2 or (digits >= 1 and run.letters > 0) or len(run.segments) > 1


def _may_become(reading: Reading, kind: _Kind) -> bool:
    """Whether the run is, or with more digits may be, of a policy that was asked for."""
    known = kind.topic is not None and bool(kind.policies)
    return not known or Policy.NUMBER_SEQUENCE in reading.wanted or not reading.wanted.isdisjoint(kind.policies)


def _still_open(reading: Reading, run: Run, eager: bool) -> bool:
    """Whether what is said next may add to the run, or name it."""
    size = len(reading.pieces)
    if reading.settled and not eager:
        return False
    if any(run.end <= place <= size for place in reading.dialog.barriers):
        return False
    if run.end == size or trailing_gap_open(reading.pieces, run, eager):
        return True
    tail = [piece.word for piece in reading.pieces[run.end :]]
    named_later = tail[0] in ("is", "was", "that's", "it's") and len(tail) <= 3
    return named_later and len(run.digits) >= 3
