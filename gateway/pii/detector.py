"""The rule detector: reads an utterance once, lets every rule look at it, and answers for the selected policies."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.detection import Detection, Finding, OpenCandidate, Utterance
from gateway.core.policy import Policy, searched_for
from gateway.pii.calibration import open_probability, probability
from gateway.pii.context import Dialog, number_asked
from gateway.pii.heard import cut_tokens
from gateway.pii.merge import select
from gateway.pii.pieces import Piece
from gateway.pii.rules import (
    amounts,
    dates,
    dictated,
    emails,
    ip_addresses,
    location_parts,
    locations,
    names,
    spelling,
    unclear,
)
from gateway.pii.rules.reading import Found, Hit, Reading, is_cased
from gateway.pii.rules.table import INDEPENDENT_RULES
from gateway.pii.spoken import read_numbers

_DICTATED = frozenset(
    {
        Policy.NUMBER_SEQUENCE,
        Policy.DATE_OF_BIRTH,
        Policy.PHONE_NUMBER,
        Policy.US_SOCIAL_SECURITY_NUMBER,
        Policy.CREDIT_CARD_NUMBER,
        Policy.CREDIT_CARD_EXPIRATION,
        Policy.CREDIT_CARD_CVV,
        Policy.DRIVERS_LICENSE,
        Policy.BANKING_INFORMATION,
        Policy.LOCATION,
        Policy.PERSON_AGE,
        Policy.MONEY_AMOUNT,
        Policy.DATE,
        Policy.ACCOUNT_NUMBER,
        Policy.HEALTHCARE_NUMBER,
        Policy.PASSPORT_NUMBER,
        Policy.PASSWORD,
        Policy.VEHICLE_ID,
        Policy.ORGANIZATION_ID,
        Policy.MEDICAL_CODE,
    }
)


_SPELLED = frozenset(
    {
        Policy.PERSON_NAME,
        Policy.LOCATION,
        Policy.EMAIL_ADDRESS,
        Policy.NUMBER_SEQUENCE,
        Policy.ACCOUNT_NUMBER,
        Policy.HEALTHCARE_NUMBER,
        Policy.PASSPORT_NUMBER,
        Policy.PASSWORD,
        Policy.VEHICLE_ID,
        Policy.ORGANIZATION_ID,
        Policy.MEDICAL_CODE,
    }
)


class RuleDetector:
    """Finds the personal information that can be found by rules. Implements `gateway.core.detection.Detector`.

    `policies`: what to look for; findings of other policies are not answered.
    """

    def __init__(self, policies: frozenset[Policy]) -> None:
        self._policies = policies
        self._searched = searched_for(policies)
        self._names = Policy.PERSON_NAME in policies
        self._spelled = bool(policies & _SPELLED)
        self._dictated = bool(self._searched & _DICTATED)
        self._rules = [
            (rule.__module__.rpartition(".")[2], rule)
            for found_by_it, rule in INDEPENDENT_RULES
            if self._searched & found_by_it
        ]

    @property
    def policies(self) -> frozenset[Policy]:
        """What is looked for."""
        return self._policies

    def detect(self, utterance: Utterance) -> Detection:
        """Look at the whole utterance anew. Never raises for any text."""
        pieces = cut_tokens(utterance.tokens, expected=number_asked(utterance.others))
        if not pieces:
            return Detection()
        dialog = Dialog(pieces, utterance.others)
        numbers = read_numbers(pieces)
        reading = Reading(
            pieces,
            numbers,
            dialog,
            is_cased(pieces),
            utterance.complete,
            utterance.silence_ms,
            number_at={number.first: number for number in numbers},
            wanted=self._searched,
        )
        founds = self._look(reading)
        hits: list[Hit] = [hit for found in founds for hit in found.hits]
        chosen = select(hits, self._policies)
        findings = [self._finding(pieces, hit, policy) for hit, policy in chosen]
        findings.sort(key=lambda finding: (finding.first, finding.start_char, -finding.end))
        return Detection(tuple(findings), self._open(utterance, pieces, founds, findings))

    def _look(self, reading: Reading) -> list[Found]:
        """Run the rules; earlier ones take pieces from later ones."""
        founds: list[Found] = []
        selected = self._searched
        if Policy.EMAIL_ADDRESS in selected:
            founds.append(emails.find(reading).by("e-mail"))
        if reading.numbers:
            founds.append(self._if(ip_addresses.find(reading), Policy.IP_ADDRESS))
            founds.append(self._if(amounts.find_money(reading), Policy.MONEY_AMOUNT).by("amount"))
            founds.append(
                self._if(dates.find(reading), Policy.DATE, Policy.DATE_OF_BIRTH, Policy.CREDIT_CARD_EXPIRATION).by(
                    "date"
                )
            )
            founds.append(self._if(amounts.find_ages(reading), Policy.PERSON_AGE).by("age"))
        elif selected & {Policy.DATE, Policy.DATE_OF_BIRTH, Policy.CREDIT_CARD_EXPIRATION}:
            founds.append(dates.find(reading).by("date"))
        places: set[int] = set()
        if selected & {Policy.LOCATION, Policy.PERSON_NAME}:
            where = self._if(locations.find(reading), Policy.LOCATION).by("location")
            founds.append(where)
            places = {place for hit in where.hits if hit.rule != "answer" for place in range(hit.first, hit.end)}
        if self._dictated and reading.numbers:
            founds.append(dictated.find(reading).by("dictated"))
        if selected & location_parts.POLICIES and Policy.LOCATION not in self._policies:
            whole = [hit for found in founds for hit in found.hits]
            founds.append(location_parts.find(reading, whole))
        named: Found | None = None
        if self._names:
            named = names.find(reading, places).by("name")
            founds.append(named)
        founds += [rule(reading).by(name) for name, rule in self._rules]
        if self._spelled:
            known = {place for hit in named.hits for place in range(hit.first, hit.end)} if named else set()
            abbreviated = {
                place
                for found in founds
                for hit in found.hits
                if hit.rule == "listed"
                for place in range(hit.first, hit.end)
            }
            founds.append(spelling.find(reading, reading.taken | abbreviated, known).by("spelled"))
        if selected & {Policy.PERSON_NAME, Policy.EMAIL_ADDRESS}:
            understood = {place for found in founds for hit in found.hits for place in range(hit.first, hit.end)}
            founds.append(unclear.find(reading, understood, selected).by("unclear answer"))
        return founds

    def _if(self, found: Found, *policies: Policy) -> Found:
        """`found`, without what it holds open when none of `policies` is selected."""
        if not self._searched.intersection(policies):
            found.open_from = None
        return found

    @staticmethod
    def _finding(pieces: Sequence[Piece], hit: Hit, policy: Policy) -> Finding:
        first, last = pieces[hit.first], pieces[hit.end - 1]
        confidence = probability(policy, hit.rule, hit.confidence)
        return Finding(policy, first.token, last.token + 1, first.start, last.end, confidence, hit.rule)

    @staticmethod
    def _open(
        utterance: Utterance, pieces: Sequence[Piece], founds: Sequence[Found], findings: Sequence[Finding]
    ) -> tuple[OpenCandidate, ...]:
        """What may still go on, from its first token that is not covered anyway."""
        if utterance.complete:
            return ()
        covered = {number for finding in findings for number in range(finding.first, finding.end)}
        candidates: list[OpenCandidate] = []
        for found in founds:
            if found.open_from is None:
                continue
            token = pieces[min(found.open_from, len(pieces) - 1)].token
            while token in covered:
                token += 1
            if token < len(utterance.tokens):
                candidates.append(OpenCandidate(token, open_probability(found.rule), found.rule))
        return tuple(candidates)
