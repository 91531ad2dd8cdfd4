"""Answers to questions for something no list holds: "who do you work for?", "what do you do for a living?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.core.policy import Policy
from gateway.pii.context import HeardTurn
from gateway.pii.lexicon import CARRIERS, FILLERS, NOT_NAMES, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.rules.wording import answer_start


@dataclass(frozen=True, slots=True)
class _Question:
    """Phrases that ask for `policy`; the answer has at most `most` words."""

    policy: Policy
    phrases: tuple[tuple[str, ...], ...]
    most: int


def _question(policy: Policy, most: int, phrases: str) -> _Question:
    return _Question(policy, tuple(tuple(phrase.split()) for phrase in phrases.split("/")), most)


_QUESTIONS: Final = (
    _question(
        Policy.OCCUPATION, 4,
        "occupation/profession/do for a living/do for work/job title/line of work/your job/your trade/kind of work",
    ),
    _question(
        Policy.ORGANIZATION, 5,
        "work for/employer/your company/company name/name of your company/name of the company/where do you work/"
        "which bank/what bank/your organization/business name/insurance company/insurance carrier/"
        "insurance provider/which hospital/what hospital/which school/what school/which company/what company/"
        "which store/your business/company are you with/company are you from",
    ),
    _question(
        Policy.NATIONALITY, 3,
        "nationality/ethnicity/ethnic background/ethnic group/citizenship/your race/country of origin"
    ),
    _question(Policy.RELIGION, 3, "religion/religious/faith/denomination"),
    _question(
        Policy.LANGUAGE, 3,
        "what language/which language/language do you/first language/native language/preferred language"
    ),
    _question(
        Policy.MEDICAL_CONDITION, 4,
        "medical condition/medical conditions/diagnosis/diagnosed with/health condition/health conditions/"
        "health problems/health issues/preexisting/pre existing",
    ),
    _question(
        Policy.DRUG, 4, "medication/medications/medicine/medicines/prescription/prescriptions/prescribed/allergic to"
    ),
    _question(Policy.MEDICAL_PROCESS, 4, "what procedure/which procedure/what surgery/what kind of surgery/which test"),
    _question(
        Policy.POLITICAL_AFFILIATION, 3,
        "political party/political affiliation/party affiliation/registered with"
    ),
    _question(Policy.MARITAL_STATUS, 2, "marital status"),
    _question(Policy.GENDER, 2, "your gender/what gender/which gender/gender identity"),
    _question(Policy.ZODIAC_SIGN, 2, "zodiac/star sign/your sign"),
    _question(Policy.PRODUCT, 5, "which product/what product/what model/which model/product name"),
)  # fmt: skip
POLICIES: Final = frozenset(question.policy for question in _QUESTIONS)
_BY_FIRST_WORD: Final = {
    first: [
        (phrase, question) for question in _QUESTIONS for phrase in question.phrases if phrase[0] == first
    ]
    for first in {phrase[0] for question in _QUESTIONS for phrase in question.phrases}
}  # fmt: skip
_ORDINARY: Final = NOT_NAMES | words(
    "none don't know nothing prefer rather depends moment sorry why take takes taking both mostly some currently work "
    "works working do fluent speak mean pardon repeat again bit kind sort lot hang sec second i'd employed unemployed "
    "self looking between jobs"
)
_LEAD: Final = CARRIERS | FILLERS | words("a an the at for with from work works working i'm called my as speak take on")
_AFTER_QUESTION: Final = 4


def find(reading: Reading) -> Found:
    """The words an answer starts with, up to the end of its phrase."""
    found = Found()
    for turn, start in zip(reading.dialog.turns, reading.dialog.turn_starts, strict=True):
        question = _asked(turn)
        if question is not None and start < len(reading.pieces):
            _answer(reading, start, question, found)
    return found


def _asked(turn: HeardTurn) -> _Question | None:
    """What the turn asks for with its last words."""
    said = [piece.word for piece in turn.pieces]
    if not turn.asks:
        return None
    for place in range(len(said) - 1, -1, -1):
        for phrase, question in _BY_FIRST_WORD.get(said[place], ()):
            end = place + len(phrase)
            if tuple(said[place:end]) == phrase and len(said) - end <= _AFTER_QUESTION:
                return question
    return None


def _answer(reading: Reading, start: int, question: _Question, found: Found) -> None:
    first = answer_start(reading, start)
    while reading.word(first) in _LEAD and not (first > start and first in reading.dialog.barriers):
        first += 1
    if first >= len(reading.pieces) or (first > start and first in reading.dialog.barriers):
        return
    end = first
    while end < len(reading.pieces) and end - first <= question.most and not (end > first and reading.ends_phrase(end)):
        end += 1
    if end - first > question.most:
        return
    if not reading.ends_phrase(end) or (end == len(reading.pieces) and not reading.settled):
        found.leave_open(first)
        return
    said = [reading.word(place) for place in range(first, end)]
    if (
        said[0] in _ORDINARY
        or all(word in _ORDINARY for word in said)
        or any(p in reading.number_at for p in range(first, end))
    ):
        return
    found.hits.append(Hit(first, end, (question.policy,), 0.8, "answer"))
