"""The verifier that the gateway uses: PocketSphinx, the number head, and the rules that tell kinds of numbers apart."""

from __future__ import annotations

from gateway.asr.registry import create_recognizer
from gateway.core.policy import Policy
from gateway.pii.detector import RuleDetector
from gateway.verify.check import Verifier
from gateway.verify.ears import RecognizerEar


def create_verifier() -> Verifier:
    """Loads the models, about two seconds. Raises EngineError when one is missing."""
    from gateway.verify.number_ear import NumberEar

    ears = (RecognizerEar(create_recognizer("pocketsphinx")), NumberEar())
    return Verifier(ears, RuleDetector(frozenset(Policy)))
