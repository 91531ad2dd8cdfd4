"""Redacts plain text: the `redact-text` command and `POST /v1/redact`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.core.detection import Finding, OtherTurn, Token, Utterance
from gateway.core.masktext import mask_word
from gateway.core.policy import Policy, Substitution
from gateway.core.settings import DetectionSettings
from gateway.core.strength import Strengths
from gateway.pii.combined import create_detector

_TOKEN = re.compile(r"\S+")
_BALANCED: Final = Strengths()
_detector_for = lru_cache(maxsize=16)(create_detector)


@dataclass(frozen=True, slots=True)
class TextSpan:
    """`text[start:end]` of the original text is of `policy`, with that probability."""

    start: int
    end: int
    policy: str
    confidence: float


@dataclass(frozen=True, slots=True)
class RedactedText:
    """The text with every span masked, and the spans, in order and disjoint, as offsets into the original text."""

    text: str
    spans: tuple[TextSpan, ...]


def _disjoint(spans: Collection[tuple[int, int, float, str]]) -> list[TextSpan]:
    """Spans that do not overlap: a number_sequence gives way, then the longer and surer one stays whole."""
    taken: list[TextSpan] = []
    order = sorted(
        spans, key=lambda span: (span[3] == Policy.NUMBER_SEQUENCE, span[0] - span[1], -span[2], span[0], span[3])
    )
    for start, end, confidence, policy in order:
        parts = [(start, end)]
        for other in taken:
            parts = (
                [
                    piece
                    for first, last in parts
                    for piece in ((first, min(last, other.start)), (max(first, other.end), last))
                    if piece[0] < piece[1]
                ]
                if any(first < other.end and other.start < last for first, last in parts)
                else parts
            )
        taken.extend(TextSpan(first, last, policy, confidence) for first, last in parts)
    return sorted(taken, key=lambda span: span.start)


def utterance_of(text: str, previous: str = "") -> tuple[Utterance, tuple[int, ...]]:
    """The text as something that was said, and where each of its tokens starts."""
    matches = list(_TOKEN.finditer(text))
    others = (OtherTurn(0, previous),) if previous.strip() else ()
    tokens = tuple(Token(match.group()) for match in matches)
    return Utterance(tokens, others), tuple(match.start() for match in matches)


def find_spans(
    text: str,
    wanted: Collection[Policy] | DetectionSettings,
    previous: str = "",
    strengths: Strengths = _BALANCED,
) -> tuple[TextSpan, ...]:
    """What is personal in `text`, surely enough for `strengths`; `previous` is the other party's last turn."""
    settings = wanted if isinstance(wanted, DetectionSettings) else DetectionSettings(frozenset(wanted))
    utterance, places = utterance_of(text, previous)
    findings = [one for one in _detector_for(settings).detect(utterance).findings if strengths.covers(one)]

    def place(finding: Finding) -> tuple[int, int, float, str]:
        start = places[finding.first] + finding.start_char
        end = places[finding.end - 1] + finding.end_char
        return start, end, finding.confidence, finding.policy

    spans = _disjoint([place(finding) for finding in findings])
    return tuple(span for span in spans if any(char.isalnum() for char in text[span.start : span.end]))


def redact_text(
    text: str,
    wanted: Collection[Policy] | DetectionSettings,
    substitution: Substitution = Substitution.HASH,
    previous: str = "",
    strengths: Strengths = _BALANCED,
) -> RedactedText:
    """Mask what is personal in `text`.

    `wanted`: the policies, or all that a detector is to look for. `previous`: what the other party said before it (a
    question tells what an answer is). Never raises for any text.
    """
    spans = find_spans(text, wanted, previous, strengths)
    masked = text
    for span in reversed(spans):
        masked = mask_word(masked, span.start, span.end, span.policy, substitution)
    return RedactedText(masked, spans)
