"""Redacts text with the detector that calls use."""

from __future__ import annotations

import re
from itertools import pairwise

from gateway.core.detection import Detector, Finding, OtherTurn, Token, Utterance
from gateway.core.masktext import mask_word
from gateway.core.policy import Policy
from gateway.wire.texts import RedactedText, TextRequest, TextSpan


def redact_text(request: TextRequest, detector: Detector) -> RedactedText:
    """Redact every word of `request.text` that `detector` finds; all other characters stay as they are.

    `detector` must find no more than the request's policies.
    """
    words = list(re.finditer(r"\S+", request.text))
    others = (OtherTurn(0, request.prev),) if request.prev else ()
    utterance = Utterance(tuple(Token(word.group()) for word in words), others)
    findings = detector.detect(utterance).findings
    spans = [
        TextSpan(words[f.first].start() + f.start_char, words[f.end - 1].start() + f.end_char, f.policy)
        for f in findings
    ]
    written: list[str] = []
    for index, word in enumerate(words):
        hits = [finding for finding in findings if finding.first <= index < finding.end]
        written.append(_written(word.group(), index, hits, request) if hits else word.group())
    edges = [0, *(edge for word in words for edge in word.span()), len(request.text)]
    gaps = [request.text[start:end] for start, end in list(pairwise(edges))[::2]]
    text = gaps[0] + "".join(word + gap for word, gap in zip(written, gaps[1:], strict=True))
    return RedactedText(text, tuple(sorted(spans, key=lambda span: (span.start, span.end, span.policy))))


def _written(word: str, index: int, hits: list[Finding], request: TextRequest) -> str:
    start = min(hit.start_char if hit.first == index else 0 for hit in hits)
    end = max(hit.end_char if hit.end == index + 1 else len(word) for hit in hits)
    best = max(hits, key=lambda hit: (hit.policy is not Policy.NUMBER_SEQUENCE, hit.confidence))
    return mask_word(word, start, end, best.policy, request.substitution)
