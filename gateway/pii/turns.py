"""Cuts an utterance into the speaker's turns, each with what the other party said right before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gateway.core.detection import Utterance
from gateway.pii.lexicon import BACKCHANNEL
from gateway.pii.pieces import cut


@dataclass(frozen=True, slots=True)
class Turn:
    """`tokens[first:end]` of an utterance; `question` is the other party's last words before, "" if there were none."""

    first: int
    end: int
    question: str


def turns_of(utterance: Utterance) -> list[Turn]:
    """The turns in order; "uh-huh" and the like of the other party do not end one."""
    turns: list[Turn] = []
    first, question = 0, ""
    for other in utterance.others:
        if _keeps_going(other.text):
            continue
        if other.before > first:
            turns.append(Turn(first, min(other.before, len(utterance.tokens)), question))
            first = other.before
        question = other.text
    if first < len(utterance.tokens):
        turns.append(Turn(first, len(utterance.tokens), question))
    return turns


@lru_cache(maxsize=512)
def _keeps_going(text: str) -> bool:
    """Whether it only keeps the speaker going."""
    return all(piece.word in BACKCHANNEL for piece in cut(text.split()))
