"""From the tagger's probabilities to findings: stretches of words that may be of one kind, at every level of doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from gateway.core.detection import Detection, Finding, OpenCandidate, Token, Utterance
from gateway.core.strength import FINDING_ABOVE, NEAR_MISS_ABOVE, OPEN_ABOVE
from gateway.pii.tagger import Tagger
from gateway.pii.tagger_network import Probabilities, Tags
from gateway.pii.turns import Turn, turns_of

RULE: Final = "tagger"
_LEVELS: Final = sorted({NEAR_MISS_ABOVE, *FINDING_ABOVE.values()})
"""Stretches are told for each threshold there is, so that whatever is chosen covers just the words that reach it."""
_OPEN_LEVELS: Final = frozenset(OPEN_ABOVE.values())


def expect_tagged(utterance: Utterance, tagger: Tagger) -> None:
    """Tell the tagger what `detect_tagged` will ask of it."""
    for turn in _undecided_turns(utterance):
        tagger.expect(*_asked(turn, utterance))


def detect_tagged(utterance: Utterance, tagger: Tagger) -> Detection:
    """What the tagger finds in the words that are not decided yet."""
    findings: list[Finding] = []
    candidates: list[OpenCandidate] = []
    for turn in _undecided_turns(utterance):
        tokens = utterance.tokens[turn.first : turn.end]
        tags = tagger.tag(*_asked(turn, utterance))
        for place, label in enumerate(tagger.labels):
            findings += _stretches(turn, tokens, tags.kinds[:, place], label)
        if not utterance.complete and turn.end == len(utterance.tokens):
            candidates += _open(turn, tags, tagger.labels)
    findings.sort(key=lambda finding: (finding.first, finding.start_char, -finding.end))
    return Detection(tuple(findings), tuple(candidates))


def _undecided_turns(utterance: Utterance) -> list[Turn]:
    return [turn for turn in turns_of(utterance) if turn.end > utterance.decided]


def _asked(turn: Turn, utterance: Utterance) -> tuple[list[str], str, int]:
    """Words, question and first word, as the tagger takes them."""
    words = [token.text for token in utterance.tokens[turn.first : turn.end]]
    return words, turn.question, max(0, utterance.decided - turn.first)


def _stretches(turn: Turn, tokens: Sequence[Token], likely: Probabilities, label: str) -> Iterator[Finding]:
    """Words in a row that reach a level, once for each extent; the least probable word says how probable all are."""
    told: set[tuple[int, int]] = set()
    for level in _LEVELS:
        first: int | None = None
        for place in range(len(tokens) + 1):
            if place < len(tokens) and float(likely[place]) >= level:
                first = place if first is None else first
                continue
            if first is not None and (first, place) not in told:
                told.add((first, place))
                finding = _finding(turn, tokens, first, place, float(likely[first:place].min()), label)
                if finding is not None:
                    yield finding
            first = None


def _finding(
    turn: Turn, tokens: Sequence[Token], first: int, end: int, confidence: float, label: str
) -> Finding | None:
    """Without the punctuation at both ends; None for signs only."""
    while first < end and not any(char.isalnum() for char in tokens[first].text):
        first += 1
    while end > first and not any(char.isalnum() for char in tokens[end - 1].text):
        end -= 1
    if first == end:
        return None
    opening, closing = tokens[first].text, tokens[end - 1].text
    start_char = next(at for at, char in enumerate(opening) if char.isalnum())
    end_char = next(at for at in range(len(closing), 0, -1) if closing[at - 1].isalnum())
    return Finding(label, turn.first + first, turn.first + end, start_char, end_char, confidence, RULE)


def _open(turn: Turn, tags: Tags, labels: Sequence[str]) -> Iterator[OpenCandidate]:
    """The words at the end that may belong to an entity which goes on, for each label and at every level of doubt."""
    for place, label in enumerate(labels):
        likely = np.minimum(tags.open, tags.kinds[:, place])
        told = len(likely)
        for level in sorted(_OPEN_LEVELS, reverse=True):
            first = len(likely)
            while first > 0 and likely[first - 1] >= level:
                first -= 1
            if first < told:
                told = first
                yield OpenCandidate(turn.first + first, float(likely[first:].min()), RULE, label)
