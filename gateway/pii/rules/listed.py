"""Terms of the word lists (`data/terms`): diseases, medicines, faiths, holidays, companies, products and more.

A term that is hardly ever anything else counts anywhere; any other only where the words around it bear it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from gateway.core.policy import Policy
from gateway.pii import gazetteer
from gateway.pii.lexicon import words
from gateway.pii.phrases import Match, PhraseIndex, plain
from gateway.pii.rules import belonging, described, health, occasions
from gateway.pii.rules.reading import Found, Hit, Reading

Judge = Callable[[Reading, Match], float]
"""How probable it is that a listed term is meant as its policy where it stands; 0 when it is not."""

_JUDGES: Final[Mapping[Policy, Judge]] = {
    Policy.DRUG: health.drug,
    Policy.MEDICAL_CONDITION: health.condition,
    Policy.MEDICAL_PROCESS: health.process,
    Policy.EVENT: occasions.event,
    Policy.RELIGION: belonging.religion,
    Policy.POLITICAL_AFFILIATION: belonging.politics,
    Policy.LANGUAGE: belonging.language,
    Policy.NATIONALITY: belonging.nationality,
    Policy.OCCUPATION: described.occupation,
    Policy.ORGANIZATION: occasions.organization,
    Policy.ORGANIZATION_MEDICAL_FACILITY: occasions.organization,
    Policy.PRODUCT: occasions.product,
    Policy.PROJECT: occasions.product,
    Policy.ZODIAC_SIGN: described.zodiac,
    Policy.MARITAL_STATUS: described.state,
    Policy.GENDER: described.state,
    Policy.SEXUALITY: described.state,
    Policy.FINANCIAL_METRIC: occasions.business,
    Policy.CORPORATE_ACTION: occasions.business,
    Policy.TREND: occasions.business,
    Policy.EFFECT: occasions.business,
}
POLICIES: Final = frozenset(_JUDGES)
_QUALIFIERS: Final = {
    Policy.OCCUPATION: words(
        "freelance senior junior assistant associate deputy lead head certified registered licensed professional "
        "pediatric veterinary chief staff master commercial residential industrial substitute private public "
        "corporate criminal divorce tax travel er icu emergency"
    ),
    Policy.POLITICAL_AFFILIATION: words("moderate liberal conservative progressive staunch lifelong centrist"),
    Policy.MEDICAL_CONDITION: words("chronic severe acute congenital terminal metastatic viral bacterial early onset"),
}
_NO_PLURALS: Final = frozenset({Policy.EFFECT, Policy.TREND, Policy.LANGUAGE, Policy.MARITAL_STATUS, Policy.GENDER})


@cache
def _index() -> PhraseIndex:
    index = PhraseIndex()
    for policy in _JUDGES:
        index.add(policy, gazetteer.terms(policy), policy not in _NO_PLURALS)
    index.add(Policy.NATIONALITY, gazetteer.terms("nationality_extra"))
    return index


def find(reading: Reading) -> Found:
    """Every listed term that is meant."""
    found = Found()
    index = _index()
    spoken = [plain(word) for word in reading.dialog.words]
    matches = index.matches(spoken)
    for number, match in enumerate(matches):
        if _inside_another(matches, number) or _broken(reading, match):
            continue
        confidence = _JUDGES[match.term.policy](reading, match) or _beside_its_like(reading, match, found)
        if confidence:
            first = _with_qualifiers(reading, match)
            found.hits.append(Hit(first, match.end, (match.term.policy,), confidence, "listed"))
    if not reading.settled:
        for place in range(max(0, len(spoken) - 5), len(spoken) - 1):
            if index.begins(spoken, place):
                found.leave_open(place)
                break
    return found


def _with_qualifiers(reading: Reading, match: Match) -> int:
    """Where the term starts together with what narrows it: "freelance photographer", "moderate Democrat"."""
    qualifiers = _QUALIFIERS.get(match.term.policy)
    first = match.first
    while qualifiers and reading.word(first - 1) in qualifiers and first not in reading.dialog.barriers:
        if reading.pieces[first - 1].after.strip():
            break
        first -= 1
    return first


def _inside_another(matches: list[Match], number: int) -> bool:
    """Whether the match is a part of a longer one: "flu" in "flu shot"."""
    match = matches[number]
    size = match.end - match.first
    return any(
        other.first <= match.first and match.end <= other.end and other.end - other.first > size
        for other in matches[max(0, number - 12) : number + 12]
    )


def _beside_its_like(reading: Reading, match: Match, found: Found) -> float:
    """How probable an ambiguous name is after a sure one of its kind: "Verizon or Sprint"."""
    if match.term.policy is not Policy.ORGANIZATION or reading.word(match.first - 1) not in ("or", "and"):
        return 0.0
    return (
        0.65 if any(hit.end == match.first - 1 and hit.policies == (match.term.policy,) for hit in found.hits) else 0.0
    )


def _broken(reading: Reading, match: Match) -> bool:
    """Whether the other party or a comma comes between the words of the term, or a spelled word goes on beside it."""
    spelled = match.end - match.first > 1 and len(reading.word(match.end - 1)) == 1
    on = len(reading.word(match.end)) == 1 and not reading.ends_phrase(match.end)
    before = len(reading.word(match.first - 1)) == 1 and reading.word(match.first - 1) not in "ai"
    if spelled and (on or (before and len(reading.word(match.first)) == 1)):
        return True
    return any(
        place in reading.dialog.barriers or "," in reading.pieces[place - 1].after
        for place in range(match.first + 1, match.end)
    )
