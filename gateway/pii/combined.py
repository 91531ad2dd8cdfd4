"""The detector of the gateway: everything that finds personal information, joined to one answer."""

from __future__ import annotations

from gateway.core.detection import Detector
from gateway.core.settings import DetectionSettings
from gateway.pii.detector import RuleDetector
from gateway.pii.terms import with_terms


def create_detector(settings: DetectionSettings) -> Detector:
    """A detector of what `settings` asks for. Pickled by name to workers."""
    return with_terms(RuleDetector(settings.policies), settings)
