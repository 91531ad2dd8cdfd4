"""What a number or a name is likely to be, from the words before it and the other party's question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from gateway.core.detection import OtherTurn
from gateway.pii.lexicon import BACKCHANNEL, NUMBER_WORDS, words
from gateway.pii.pieces import Piece, cut


class Topic(Enum):
    """What is being talked about. IDENTIFIER: some other number ("order number", "door code"). NUMBER: some number,
    nobody knows which. TAX: of a person or a company. INTRODUCTION: somebody tells his own name."""

    PHONE = auto()
    SSN = auto()
    CARD = auto()
    EXPIRY = auto()
    CVV = auto()
    BANK = auto()
    LICENSE = auto()
    ADDRESS = auto()
    BIRTH = auto()
    AGE = auto()
    MONEY = auto()
    NAME = auto()
    EMAIL = auto()
    DATE = auto()
    TAX = auto()
    ACCOUNT = auto()
    HEALTHCARE = auto()
    PASSPORT = auto()
    PASSWORD = auto()
    VEHICLE = auto()
    COMPANY = auto()
    MEDICAL_CODE = auto()
    IDENTIFIER = auto()
    NUMBER = auto()
    LAST_FOUR = auto()
    ENDING = auto()
    SPELL = auto()
    INTRODUCTION = auto()


_PHRASES: Final[dict[Topic, str]] = {
    Topic.PHONE: "phone number/phone/telephone/telephone number/cell/cell number/cell phone/cellphone/mobile/"
    "mobile number/landline/land line/call me/call me at/call me on/call us at/call me back at/"
    "call you back/reach me/reach me at/reach you/reach us/reach him/reach her/text me/"
    "text me at/fax/fax number/area code/extension/ext/callback number/call back number/"
    "contact number/home number/work number/day number/daytime number/best number/good number/"
    "my number/your number/his number/her number/my number's/the number to call/number to reach/"
    "number we can/number can we/number to call/number should we/number i can/dial/whatsapp/"
    "number where/call him at/call her at/her cell/emergency contact",
    Topic.SSN: "social security number/social security/social/ssn/s s n/social insurance",
    Topic.CARD: "card number/card/card's/visa/mastercard/master card/amex/american express/discover card/"
    "credit card/debit card/credit card number/debit card number/long number/sixteen digits/"
    "sixteen digit/16 digits/16 digit/fifteen digits/15 digits/card ending/visa ending/"
    "mastercard ending/card ends",
    Topic.EXPIRY: "expires/expire/expiration/expiration date/expiry/expiry date/expiring/exp/exp date/"
    "date on it/date on the card/date on that/good through/good thru/valid through/valid until/"
    "valid thru/valid till/good until",
    Topic.CVV: "cvv/c v v/cvc/c v c/cvv2/cid/security code/card code/verification number/three digits on/"
    "three digit/3 digits on/3 digit/four digits on/four digit code/4 digit code/3 digit code/"
    "three digit code/code on the back/digits on the back/on the back/number on the back/"
    "numbers on the back/code on the front/digits on the front/card verification/3 digits/"
    "three numbers on the",
    Topic.BANK: "routing/routing number/account number/account/checking account/savings account/bank account/"
    "checking/savings/acct/acct no/account no/account ends/account ending/iban/i b a n/sort code/aba/a b a/a b a "
    "number/"
    "aba number/transit number/swift/bank number/bank details/direct deposit",
    Topic.LICENSE: "license/licence/license number/licence number/driver's license/drivers license/driver license/"
    "driver's/driver's licence/driving licence/driving license/dl/d l/dl number/d l number/"
    "license is/d l n",
    Topic.ADDRESS: "zip/zip code/zipcode/postal code/postcode/post code/house number/address/mailing address/"
    "street address/home address/billing address/shipping address/street/number of the house/"
    "live at/living at/lives at/located at/ship it to/ship to/shipping to/deliver to/"
    "deliver it to/deliver it/send it to/billing zip/apartment/which city/what city/the city/"
    "city and state/live on/lives on/moved to/po box/p o box/town/hometown",
    Topic.BIRTH: "born/birth/date of birth/birth date/birthdate/birthday/dob/d o b/birthday is/was born/birth year",
    Topic.AGE: "how old/age/your age/my age/years of age/aged",
    Topic.MONEY: "how much/check for/paycheck/with the check/total/total is/comes to/amount/balance/price/"
    "cost/costs/charge/charged/pay/paid/salary/rent/fee/bill/bill is/deposit/refund/owe/"
    "owed/payment/rate/rate is/premium/co pay/copay/per month/a month/bid/offer/make",
    Topic.NAME: "name/names/last name/first name/full name/surname/maiden name/middle name/middle initial/"
    "nickname/who's this/who is this/who am i speaking/who am i talking/who's calling/"
    "who is calling/who do i/whom am i/who's speaking/who is speaking/speaking with/speaking to/"
    "who should i ask/who is it/who's it/who should i/may i ask who/can i ask who/"
    "your regular doctor/who's your/who is your/name on/whose name/named/caller",
    Topic.EMAIL: "email/e mail/email address/e mail address/gmail/emails/send the confirmation/"
    "send a confirmation/send the receipt/email is",
    Topic.DATE: "when/what date/which date/what day/which day/date is/date of",
    Topic.TAX: "tax id/tax i d/tax identification/tax number/taxpayer id/taxpayer identification number/t i n/"
    "individual taxpayer/itin/i t i n",
    Topic.ACCOUNT: "student id/student i d/employee id/employee i d/employee number/member id/member i d/"
    "member number/membership number/membership id/membership/customer number/customer id/customer i d/"
    "client number/client id/policy number/policy no/member no/policy/policy id/policyholder number/subscriber "
    "number/account id/"
    "account i d/loyalty number/rewards number/frequent flyer number/frequent flyer/library card/"
    "user id/user i d/user number/contract number/meter number/utility account",
    Topic.HEALTHCARE: "medical record/medical record number/m r n/mrn/health insurance number/health card/"
    "health card number/medicare number/medicare id/medicaid number/medicaid id/medicare/medicaid/patient id/"
    "patient i d/patient number/chart number/group number/nhs number/n h s number/beneficiary number/"
    "beneficiary/insurance id/insurance i d/insurance number/insurance card/prescription number/rx number/"
    "rx bin/subscriber id/subscriber i d/health plan/plan number/health id/health number/insurance policy number",
    Topic.PASSPORT: "passport/passport number/passport no/passport is/passport i d",
    Topic.PASSWORD: "passcode/pass code/pin/pin number/pin code/p i n/password/password is/pass word/passphrase/"
    "access code/access key/one time/one time code/one time passcode/verification code/security pin/"
    "voicemail code/unlock code/login code",
    Topic.VEHICLE: "plate/plates/plate number/license plate/licence plate/number plate/license plate number/"
    "tag number/vin/v i n/vin number/v i n number/vehicle identification number/vehicle identification/"
    "vehicle id/vehicle registration/registration plate/chassis number",
    Topic.COMPANY: "ein/e i n/ein number/employer identification number/employer identification/employer id/"
    "federal tax id/business tax id/company number/company registration number/company registration/"
    "business registration/registration number/duns/duns number/vat number/v a t number/charity number/"
    "business number/corporation number",
    Topic.MEDICAL_CODE: "icd/i c d/icd ten/i c d ten/icd 10/i c d 10/icd 9/icd nine/icd code/cpt/c p t/cpt code/"
    "c p t code/diagnosis code/procedure code/billing code/hcpcs/hcpcs code/drg/d r g/ndc/n d c/snomed",
    Topic.IDENTIFIER: "id number/i d number/confirmation number/confirmation code/"
    "reference number/reference/order number/order/case number/case/"
    "claim number/claim/ticket number/tracking number/tracking/invoice/invoice number/"
    "serial number/serial/flight/door code/gate code/booking/booking number/booking reference/"
    "code/the code/extension code/lot number/model/model number/"
    "part number/room/room number/unit/id/i d/item number/item/po number/purchase order/badge/"
    "badge number/locker",
    Topic.NUMBER: "number/numbers/digits",
    Topic.LAST_FOUR: "last four/last 4/last four digits/last 4 digits/final four/last four of",
    Topic.ENDING: "ending in/ends in/ends with/ending with",
    Topic.SPELL: "spell/spelled/spelling/spell that/spell it/spells",
    Topic.INTRODUCTION: "my name is/my name's/my name",
}

_STRONG_SINGLE: Final = words(
    "phone telephone cell mobile ssn visa mastercard amex cvv cvc iban routing zip postcode born birth "
    "birthday extension expires expiration expiry dob email license licence passcode pin plate passport "
    "aba zipcode password vin ein mrn icd cpt"
)


VAGUE: Final = frozenset({Topic.NUMBER, Topic.SPELL})
"""Topics that leave it to what was said before what the number or the letters are."""


@dataclass(slots=True)
class Cue:
    """Words `first:end` of a text that point to `topic`.

    `strong`: they leave little doubt. `bare_code`: they only say "code", whatever code it is.
    """

    first: int
    end: int
    topic: Topic
    strong: bool
    bare_code: bool = False


def _index() -> dict[str, list[tuple[tuple[str, ...], Topic, bool]]]:
    table: dict[str, list[tuple[tuple[str, ...], Topic, bool]]] = {}
    for topic, phrases in _PHRASES.items():
        for phrase in phrases.split("/"):
            words = tuple(phrase.split())
            strong = len(words) > 1 or words[0] in _STRONG_SINGLE
            table.setdefault(words[0], []).append((words, topic, strong))
    for entries in table.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return table


_CUES: Final[Mapping[str, Sequence[tuple[tuple[str, ...], Topic, bool]]]] = _index()


CUE_WORDS: Final = frozenset(
    phrase for phrases in _PHRASES.values() for phrase in phrases.split("/") if " " not in phrase
)
"""Words that are cues by themselves."""


def find_cues(words: Sequence[str]) -> list[Cue]:
    """All cues in `words` (lower case), in order, the longest at each place, not overlapping."""
    cues: list[Cue] = []
    index = 0
    while index < len(words):
        word = words[index]
        entries = _CUES.get(word, ())
        if not entries and word.endswith("'s"):
            entries = _CUES.get(word[:-2], ())
        for phrase, topic, strong in entries:
            end = index + len(phrase)
            if len(phrase) == 1 or tuple(words[index:end]) == phrase:
                cues.append(Cue(index, end, topic, strong, phrase[-1] == "code" and len(phrase) <= 2))
                index = end
                break
        else:
            index += 1
    return cues


TEXTS_KEPT: Final = 512
"""The other party's turns are looked at again with every utterance of the speaker's; so many stay read."""
_NO_NUMBER: Final = frozenset({Topic.NAME, Topic.INTRODUCTION, Topic.MONEY, Topic.AGE, Topic.DATE})
_LATELY: Final = 2


def number_asked(others: Sequence[OtherTurn]) -> bool:
    """Whether the other party lately talked of something that is told in digits or letters."""
    return any(cue.topic not in _NO_NUMBER for turn in others[-_LATELY:] for cue in _read(turn.text).cues)


@dataclass(frozen=True, slots=True)
class HeardText:
    """What the other party said, read. Kept from one look at an utterance to the next: its pieces are not changed.

    `echo`: it only says numbers (again) or keeps the speaker going. `asks`: it wants something new; a request to say
    the same again does not.
    """

    text: str
    pieces: list[Piece]
    cues: list[Cue]
    echo: bool
    asks: bool


@dataclass(frozen=True, slots=True)
class HeardTurn(HeardText):
    """A turn of the other party, before the speaker's token number `before`."""

    before: int


_AGAIN: Final = words("repeat again slower slowly catch sorry pardon rest excuse missed once part")
_ASKING: Final = words(
    "what what's who who's when where how which why do does did is are can could would will have has any anything may"
)


@lru_cache(maxsize=TEXTS_KEPT)
def _read(text: str) -> HeardText:
    pieces = cut(text.split())
    words = [piece.word for piece in pieces]
    cues = find_cues(words)
    numbers = sum(piece.figure or piece.word in NUMBER_WORDS for piece in pieces)
    rest = sum(
        1 for piece in pieces if not piece.figure and piece.word not in NUMBER_WORDS and piece.word not in BACKCHANNEL
    )
    echo = not cues and (rest == 0 or (numbers >= 3 and numbers >= rest))
    again = any(word in _AGAIN for word in words)
    asks = not again and (any("?" in piece.after for piece in pieces) or (words[:1] != [] and words[0] in _ASKING))
    return HeardText(text, pieces, cues, echo, asks)


def _read_turn(turn: OtherTurn) -> HeardTurn:
    heard = _read(turn.text)
    return HeardTurn(heard.text, heard.pieces, heard.cues, heard.echo, heard.asks, turn.before)


@dataclass(slots=True)
class Evidence:
    """Cues that apply at a place, the nearest first. `asked`: they come from the other party."""

    cues: list[Cue]
    asked: bool
    distance: int

    @property
    def topic(self) -> Topic | None:
        """The best single guess: a strong cue wins over a weaker one just after it."""
        if not self.cues:
            return None
        nearest = next((cue for cue in self.cues if cue.topic not in VAGUE), self.cues[0])
        if not nearest.strong and nearest is self.cues[0]:
            for other in self.cues[1:]:
                if other.strong and nearest.first - other.end <= 4:
                    return other.topic
        return nearest.topic

    @property
    def code(self) -> bool:
        """Whether the nearest cue is just "code"."""
        return bool(self.cues) and self.cues[0].bare_code

    @property
    def topics(self) -> list[Topic]:
        """Every topic, the best guess first, each once."""
        best = self.topic
        topics = [] if best is None else [best]
        for cue in self.cues:
            if cue.topic not in topics:
                topics.append(cue.topic)
        return topics


_OPEN_ENDED: Final = VAGUE | {Topic.LAST_FOUR, Topic.ENDING}

_NO_EVIDENCE: Final = Evidence([], False, 0)

OWN_REACH: Final = 9
"""How many of the speaker's words may stand between a cue and what it points to."""

ANSWER_REACH: Final = 26
"""How many of the speaker's words after the other party's question still answer it."""


class Dialog:
    """The speaker's pieces and the other party's turns, for questions about what a piece is likely to be.

    Where the other party says something of its own, the piece before is made to end a sentence.
    """

    def __init__(self, pieces: Sequence[Piece], others: Sequence[OtherTurn]) -> None:
        self._pieces = pieces
        self._evidence: dict[int, Evidence] = {}
        self.words = [piece.word for piece in pieces]
        self.cues = find_cues(self.words)
        self.turns = [_read_turn(turn) for turn in others]
        starts: list[int] = []
        place = 0
        for turn in self.turns:
            while place < len(pieces) and pieces[place].token < turn.before:
                place += 1
            starts.append(place)
        self.turn_starts = starts
        """For each of `turns`, the number of the speaker's first piece after it."""
        self.barriers = {start for start, turn in zip(starts, self.turns, strict=True) if not turn.echo and start > 0}
        """Pieces before which the other party said something of its own."""
        for start in self.barriers:
            previous = pieces[start - 1]
            if not previous.ends_sentence:
                previous.after = "?"

    def evidence(self, place: int) -> Evidence:
        """The cues that apply to piece `place`: the nearest stretch of speech with a cue in it, either party's."""
        known = self._evidence.get(place)
        if known is None:
            known = self._evidence[place] = self._gather(place)
        return known

    def _gather(self, place: int) -> Evidence:
        upper = place
        distance = 0
        vague: list[Cue] = []
        for number in range(len(self.turns) - 1, -1, -1):
            start = self.turn_starts[number]
            if start > place:
                continue
            found = self._own(start, upper, distance)
            if found is not None:
                if any(cue.topic not in _OPEN_ENDED for cue in found.cues):
                    return found
                vague += found.cues
            distance += self._words_between(start, upper)
            turn = self.turns[number]
            if turn.cues:
                if distance > ANSWER_REACH:
                    break
                return Evidence(vague + turn.cues[::-1], True, distance)
            if turn.asks and not turn.echo:
                break
            if not turn.echo:
                distance += len(turn.pieces)
            upper = start
        else:
            found = self._own(0, upper, distance)
            if found is not None:
                return Evidence(vague + found.cues, False, found.distance)
        return Evidence(vague, False, 0) if vague else _NO_EVIDENCE

    def _words_between(self, first: int, end: int) -> int:
        """Ordinary words, numbers left out."""
        return sum(1 for piece in self._pieces[first:end] if not piece.figure and piece.word not in NUMBER_WORDS)

    def _own(self, first: int, end: int, distance: int) -> Evidence | None:
        cues = [cue for cue in self.cues if first <= cue.first and cue.end <= end]
        if not cues:
            return None
        cues.reverse()
        distance += self._words_between(cues[0].end, end)
        if distance > OWN_REACH:
            return None
        near = [cues[0]]
        for cue in cues[1:]:
            between = self._pieces[cue.end : near[-1].first]
            if cues[0].first - cue.end > OWN_REACH or any(
                piece.figure or piece.word in NUMBER_WORDS for piece in between
            ):
                break
            near.append(cue)
        return Evidence(near, False, distance)
