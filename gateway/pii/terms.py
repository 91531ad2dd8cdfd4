"""What users add to detection: terms that are always or never redacted, and policies of the operator's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.core.custom_policies import CustomPolicy
from gateway.core.detection import Detection, Detector, Finding, OpenCandidate, SharingDetector, Utterance
from gateway.core.settings import DetectionSettings
from gateway.core.terms import PATTERN_PREFIX, Terms
from gateway.pii.cues import CueFinder
from gateway.pii.said import Place, Said
from gateway.pii.term_index import TermIndex

_BY_TERM: Final = 1.0
_BY_PATTERN: Final = 0.95
_BY_CUE: Final = 0.9
_VALUE_BEGUN: Final = 0.8
"""How probable it is that a value goes on, which its cue announced and which is too short yet."""


class TermsDetector:
    """Adds the user's terms to what another detector finds. Implements `gateway.core.detection.SharingDetector`.

    An allowed term takes away every finding all of whose words lie in allowed terms, but never a denied term: what is
    denied is always found, under its label, and other findings give way to it.
    """

    def __init__(self, inner: Detector, custom: Sequence[CustomPolicy], terms: Terms) -> None:
        self._inner = inner
        self._custom = _CustomFinder(custom)
        self._deny = TermIndex((label, term) for label, denied in terms.deny for term in denied)
        self._allow = TermIndex(("", term) for term in terms.allow)

    def expect(self, utterance: Utterance) -> None:
        """The other detector may look at several utterances together."""
        if isinstance(self._inner, SharingDetector):
            self._inner.expect(utterance)

    def detect(self, utterance: Utterance) -> Detection:
        """Look at the whole utterance anew. Never raises for any text."""
        inner = self._inner.detect(utterance)
        said = Said(utterance)
        own = self._custom.detect(said)
        denied = [
            _finding(match.label, match.place, _BY_PATTERN if match.by_pattern else _BY_TERM, "term")
            for match in self._deny.matches(said)
        ]
        words = _Words(said, [match.place for match in self._allow.matches(said)])
        findings = words.without([*inner.findings, *own.findings], [_place_of(finding) for finding in denied])
        findings = [finding for finding in findings if not words.all_allowed(_place_of(finding))] + denied
        candidates = [words.first_not_allowed(one) for one in (*inner.candidates, *own.candidates)]
        findings.sort(key=lambda finding: (finding.first, finding.start_char, -finding.end))
        if not utterance.complete:
            candidates += [OpenCandidate(token, 1.0, "term") for token, _ in self._deny.open_from(said)]
        return Detection(tuple(findings), tuple(one for one in candidates if one is not None))


def with_terms(detector: Detector, settings: DetectionSettings) -> Detector:
    """The detector, and what `settings` adds to it: policies of the operator's, terms of the user's."""
    if settings.custom or settings.terms:
        return TermsDetector(detector, settings.custom, settings.terms)
    return detector


class _CustomFinder:
    """Finds what the policies of the operator describe."""

    def __init__(self, policies: Sequence[CustomPolicy]) -> None:
        self._terms = TermIndex(
            (policy.name, term)
            for policy in policies
            for term in (*policy.terms, *(PATTERN_PREFIX + pattern for pattern in policy.patterns))
        )
        self._cues = [(policy.name, CueFinder(policy)) for policy in policies if policy.cues]

    def detect(self, said: Said) -> Detection:
        findings = [
            _finding(match.label, match.place, _BY_PATTERN if match.by_pattern else _BY_TERM, "custom")
            for match in self._terms.matches(said)
        ]
        candidates = [OpenCandidate(token, likely) for token, likely in self._terms.open_from(said)]
        for name, finder in self._cues:
            places, open_from = finder.find(said)
            findings += [_finding(name, place, _BY_CUE, "cue") for place in dict.fromkeys(places)]
            candidates += [OpenCandidate(token, _VALUE_BEGUN) for token in open_from]
        return Detection(tuple(findings), () if said.utterance.complete else tuple(candidates))


class _Words:
    """The words of an utterance, and which of them lie in allowed terms."""

    def __init__(self, said: Said, allowed: Sequence[Place]) -> None:
        self._some_allowed = bool(allowed)
        self._of_token: dict[int, list[tuple[Place, bool]]] = {}
        for word in said.words:
            inside = any(word.within(place) for place in allowed)
            self._of_token.setdefault(word.token, []).append((word, inside))

    def _touched(self, place: Place) -> Iterator[tuple[Place, bool]]:
        for token in range(place.token, place.last_token + 1):
            yield from (one for one in self._of_token.get(token, ()) if one[0].touches(place))

    def all_allowed(self, place: Place) -> bool:
        """Whether every word that `place` touches is allowed."""
        if not self._some_allowed:
            return False
        touched = [inside for _, inside in self._touched(place)]
        return bool(touched) and all(touched)

    def first_not_allowed(self, candidate: OpenCandidate) -> OpenCandidate | None:
        """The candidate from its first word that is not allowed; None when all are."""
        if not self._some_allowed:
            return candidate
        for token, words in self._of_token.items():
            if token >= candidate.first and not all(inside for _, inside in words):
                return OpenCandidate(token, candidate.confidence)
        return None

    def without(self, findings: Sequence[Finding], denied: Sequence[Place]) -> list[Finding]:
        """What is left of the findings beside denied places; a finding with a denied place within becomes two."""
        left: list[Finding] = []
        for finding in findings:
            place = _place_of(finding)
            inside = [other for other in denied if other.touches(place)]
            if not inside:
                left.append(finding)
                continue
            run: list[Place] = []
            for word, _ in self._touched(place):
                if any(word.touches(other) for other in inside):
                    left += _part(finding, run)
                    run = []
                else:
                    run.append(word)
            left += _part(finding, run)
        return left


def _part(finding: Finding, words: Sequence[Place]) -> list[Finding]:
    if not words:
        return []
    place = words[0].to(words[-1])
    return [_finding(finding.policy, place, finding.confidence, finding.rule)]


def _place_of(finding: Finding) -> Place:
    return Place(finding.first, finding.start_char, finding.end - 1, finding.end_char)


def _finding(label: str, place: Place, confidence: float, rule: str) -> Finding:
    return Finding(label, place.token, place.last_token + 1, place.start, place.end, confidence, rule)
