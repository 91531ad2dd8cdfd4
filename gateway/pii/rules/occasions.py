"""When a listed word names an event, an organisation, a product or something of business."""

from __future__ import annotations

from typing import Final

from gateway.pii.lexicon import words
from gateway.pii.phrases import Match, plain
from gateway.pii.rules.reading import Reading
from gateway.pii.rules.wording import asked, closes, describes, named, within

_BEFORE_EVENT: Final = words("for on at over before after by until since this last next happy during celebrate of")
_NOT_EVENT_AFTER: Final = words(
    "egg eggs bunny basket baskets island lily tree trees card cards lights carol carols song songs sweater cactus "
    "stocking stockings ornament ornaments cookies"
)
_AT_WORK: Final = words(
    "at for with from by called through calls calling via joined join bank bought sued left using my our your their the"
)
_WORKING: Final = words(
    "work works worked working job employed employee employer manager bank account card interview bought buy shop "
    "shopping order ordered store insurance insured policy hired intern plan phone company customer subscription "
    "stock shares store's flight fly flew flying package delivery delivered ship shipped fired retired"
)
_ASK_EMPLOYER: Final = words("company employer work employed bank business organization insurance carrier store")
_COMPANY_AFTER: Final = words(
    "account card bank store stores stock corporation company inc corp employee employees warehouse insurance flight "
    "customer credit app motors dealership dealer"
)
_OWNED: Final = words("a an my his her their our your the old used new this that red blue white black")
_NOT_COMPANY_AFTER: Final = words("juice pie pies tree date audience practice number point tv of time")


def event(reading: Reading, match: Match) -> float:
    """A holiday, a war, a festival."""
    after = plain(reading.word(match.end))
    if after in _NOT_EVENT_AFTER and match.end - match.first == 1:
        return 0.0
    if match.term.sure:
        return 0.85
    before = reading.word(match.first - 1)
    return 0.7 if before in _BEFORE_EVENT and closes(reading, match.end) else 0.0


def organization(reading: Reading, match: Match) -> float:
    """A company, an agency, a school. Names that are words need a capital or talk of work, shops or accounts."""
    first, end = match.first, match.end
    if match.term.sure:
        return 0.85 if not reading.cased or reading.pieces[first].capital else 0.6
    before, after = reading.word(first - 1), reading.word(end)
    if after in _NOT_COMPANY_AFTER:
        return 0.0
    if named(reading, first) and before not in _OWNED:
        return 0.75
    if reading.cased and not reading.pieces[first].capital:
        return 0.0
    if after in _COMPANY_AFTER and before != "a":
        return 0.7
    if before in _AT_WORK - {"the"} and within(reading, first, 5, _WORKING):
        return 0.75
    return 0.7 if asked(reading, first, _ASK_EMPLOYER) and closes(reading, end) else 0.0


def product(reading: Reading, match: Match) -> float:
    """A product or a project."""
    if match.term.sure:
        return 0.8
    return 0.6 if named(reading, match.first) and not describes(reading, match.first) else 0.0


def business(reading: Reading, match: Match) -> float:
    """A figure of a company, an action of one, a trend or an effect."""
    talk = within(reading, match.first, 10, _BUSINESS)
    if match.term.sure:
        return 0.8 if match.end - match.first > 1 or talk else 0.65
    return 0.55 if talk else 0.0


_BUSINESS: Final = words(
    "sales revenue profit profits earnings quarter stock stocks shares price prices market fiscal company companies "
    "quarterly percent demand inflation rates income growth year annual results costs margins volume"
)
