"""The detector of the gateway: rules and the trained tagger, joined to one answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.core.detection import Detection, Detector, Finding, Utterance
from gateway.core.policy import Policy, reported_as
from gateway.core.settings import DetectionSettings
from gateway.pii.detector import RuleDetector
from gateway.pii.tagged import detect_tagged
from gateway.pii.tagger import Tagger, shared_tagger
from gateway.pii.terms import with_terms

_SURE_RULE: Final = 0.8
"""What a rule finds with less confidence, the tagger has a say in."""


class CombinedDetector:
    """Finds what rules or the tagger find. Implements `gateway.core.detection.Detector`."""

    def __init__(self, settings: DetectionSettings, tagger: Tagger) -> None:
        self._rules = RuleDetector(settings.policies)
        self._tagger = tagger
        self._reported = {
            label: reported
            for label in tagger.labels
            if (reported := reported_as(Policy(label), settings.policies)) is not None
        }

    def detect(self, utterance: Utterance) -> Detection:
        """Look at the whole utterance anew. Never raises for any text."""
        by_rules = self._rules.detect(utterance)
        if not self._reported:
            return by_rules
        tagged = detect_tagged(utterance, self._tagger)
        sure = [finding for finding in by_rules.findings if finding.confidence >= _SURE_RULE]
        weak = [self._weighed(finding, tagged) for finding in by_rules.findings if finding.confidence < _SURE_RULE]
        likely = [
            replace(finding, policy=self._reported[finding.policy])
            for finding in tagged.findings
            if finding.policy in self._reported
        ]
        findings = sorted([*sure, *weak, *likely], key=lambda one: (one.first, one.start_char, -one.end))
        return Detection(tuple(findings), (*by_rules.candidates, *tagged.candidates))

    @staticmethod
    def _weighed(finding: Finding, tagged: Detection) -> Finding:
        """A doubtful finding of a rule, given what the tagger thinks of its words."""
        agreeing = max(
            (
                other.confidence
                for other in tagged.findings
                if other.policy == finding.policy and other.first < finding.end and finding.first < other.end
            ),
            default=0.0,
        )
        return replace(finding, confidence=max(finding.confidence + agreeing, 2 * agreeing) / 2)


def create_detector(settings: DetectionSettings) -> Detector:
    """A detector of what `settings` asks for. Pickled by name to workers. Raises EngineError without the tagger."""
    return with_terms(CombinedDetector(settings, shared_tagger()), settings)
