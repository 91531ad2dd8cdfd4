"""Answers that were asked for but not understood: the recogniser's words for a name are often no name at all.

What the other party asked for is personal whatever the answer was heard as. So the first words of an answer to a
question for a name or an e-mail address are covered when no other rule understood them, unless they are words that
begin no such answer ("why do you need it", "of course").
"""

from __future__ import annotations

from collections.abc import Collection

from gateway.core.policy import Policy
from gateway.pii.context import HeardTurn, Topic
from gateway.pii.lexicon import CARRIERS, FILLERS, NOT_NAMES, UNITS, words
from gateway.pii.rules.reading import Found, Hit, Reading

_ASKED = {Topic.NAME: (Policy.PERSON_NAME, 4), Topic.EMAIL: (Policy.EMAIL_ADDRESS, 12)}
"""What an answer to a question is, and how many words of it may be."""
_AFTER_CUE_WORDS = 3
"""So many words may follow the cue of a question ("your name, please?"); more make it a statement."""
_CONFIDENCE = 0.5
_ORDINARY = NOT_NAMES | UNITS | words("moment moments hang bit hear say tell repeat speak rather give gave mine")


def find(reading: Reading, understood: Collection[int], policies: Collection[Policy]) -> Found:
    """Answers that hold a word nobody expects in ordinary speech. `understood`: pieces that other rules found."""
    found = Found()
    for turn, start in zip(reading.dialog.turns, reading.dialog.turn_starts, strict=True):
        asked = _asked(turn)
        if asked is not None and _ASKED[asked][0] in policies and start < len(reading.pieces):
            _answer(reading, start, *_ASKED[asked], understood, found)
    return found


def _asked(turn: HeardTurn) -> Topic | None:
    """What the turn asks for with its last words."""
    if not turn.cues or turn.cues[-1].end < len(turn.pieces) - _AFTER_CUE_WORDS:
        return None
    topics = [cue.topic for cue in turn.cues if cue.end >= len(turn.pieces) - _AFTER_CUE_WORDS]
    return next((topic for topic in _ASKED if topic in topics), None)


def _answer(reading: Reading, start: int, policy: Policy, most: int, understood: Collection[int], found: Found) -> None:
    first = start
    while reading.word(first) in CARRIERS | FILLERS and not (first > start and first in reading.dialog.barriers):
        first += 1
    end = first
    while end < len(reading.pieces) and end - first < most and not (end > first and reading.ends_phrase(end)):
        end += 1
    if end == first or (reading.starts_turn(first) and first > start):
        return
    rest = [place for place in range(first, end) if place not in understood]
    strange = [place for place in rest if reading.word(place) not in _ORDINARY and not reading.pieces[place].figure]
    if strange and (len(rest) == end - first or strange[-1] == end - 1):
        found.hits.append(Hit(rest[0], end, (policy,), _CONFIDENCE, "unclear answer"))
    elif rest and end == len(reading.pieces) and end - first < most and not reading.settled:
        found.leave_open(rest[0])
