"""The detector of the gateway: rules, the trained tagger and the user's terms, joined to one answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from gateway.core.detection import Detection, Detector, Finding, Utterance
from gateway.core.policy import Policy, reported_as
from gateway.core.settings import DetectionSettings
from gateway.pii.detector import RuleDetector
from gateway.pii.tagged import detect_tagged, expect_tagged
from gateway.pii.tagger import Tagger, shared_tagger
from gateway.pii.terms import with_terms

_LEFT_TO_RULES: Final = frozenset({Policy.MONEY_AMOUNT, Policy.NUMBER_SEQUENCE, Policy.PERSON_AGE})
"""The tagger knows these so as not to take numbers for names; rules know them better."""


_NUMBERS: Final = frozenset(
    {
        Policy.MONEY_AMOUNT,
        Policy.PERSON_AGE,
        Policy.PHONE_NUMBER,
        Policy.US_SOCIAL_SECURITY_NUMBER,
        Policy.CREDIT_CARD_NUMBER,
        Policy.CREDIT_CARD_EXPIRATION,
        Policy.CREDIT_CARD_CVV,
        Policy.BANKING_INFORMATION,
        Policy.DRIVERS_LICENSE,
        Policy.DATE_OF_BIRTH,
    }
)
_SOME: Final = 1 / 3
_MOST: Final = 1 / 2
"""Where rules know for so much of it what a number is, or that it is one, the tagger does not make an address of it."""


class CombinedDetector:
    """Finds what rules or the tagger find. Implements `gateway.core.detection.SharingDetector`."""

    def __init__(self, settings: DetectionSettings, tagger: Tagger) -> None:
        self._rules = RuleDetector(settings.policies)
        self._tagger = tagger
        self._reported = {
            label: reported
            for label in tagger.labels
            if label not in _LEFT_TO_RULES and (reported := reported_as(Policy(label), settings.policies)) is not None
        }

    def expect(self, utterance: Utterance) -> None:
        """The tagger reads all that detectors expect together."""
        if self._reported:
            expect_tagged(utterance, self._tagger)

    def detect(self, utterance: Utterance) -> Detection:
        """Look at the whole utterance anew. Never raises for any text."""
        by_rules = self._rules.detect(utterance)
        if not self._reported:
            return by_rules
        tagged = detect_tagged(utterance, self._tagger)
        known = _tokens_of(by_rules, _NUMBERS)
        any_number = known | _tokens_of(by_rules, _LEFT_TO_RULES)
        likely = [
            replace(finding, policy=self._reported[finding.policy])
            for finding in tagged.findings
            if finding.policy in self._reported
            and _share(finding, known) < _SOME
            and _share(finding, any_number) < _MOST
        ]
        findings = sorted([*by_rules.findings, *likely], key=lambda one: (one.first, one.start_char, -one.end))
        still_open = [
            replace(candidate, policy=self._reported[candidate.policy])
            for candidate in tagged.candidates
            if candidate.policy in self._reported
        ]
        return Detection(tuple(findings), (*by_rules.candidates, *still_open))


def _tokens_of(detection: Detection, policies: Collection[str]) -> set[int]:
    return {
        token
        for finding in detection.findings
        if finding.policy in policies
        for token in range(finding.first, finding.end)
    }


def _share(finding: Finding, tokens: Collection[int]) -> float:
    """How much of the finding's tokens are among `tokens`."""
    return sum(token in tokens for token in range(finding.first, finding.end)) / (finding.end - finding.first)


def create_detector(settings: DetectionSettings) -> Detector:
    """A detector of what `settings` asks for. Pickled by name to workers. Raises EngineError without the tagger."""
    return with_terms(CombinedDetector(settings, shared_tagger()), settings)
