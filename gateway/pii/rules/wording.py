"""What the words around a place say: somebody is described, a word is asked for, a phrase ends."""

from __future__ import annotations

from typing import Final

from gateway.pii.context import ANSWER_REACH
from gateway.pii.lexicon import CARRIERS, FILLERS, words
from gateway.pii.phrases import plain
from gateway.pii.rules.reading import Reading

RELATIVES: Final = words(
    "son daughter mother father mom mum dad wife husband brother sister uncle aunt cousin nephew niece grandmother "
    "grandfather grandma grandpa parents parent partner spouse boyfriend girlfriend fiance fiancee roommate friend "
    "neighbor neighbour boss kid child boy girl baby patient family folks ex stepmother stepfather stepson grandson "
    "granddaughter mother-in-law people"
)
_BE: Final = words(
    "i'm im am is are was were he's she's they're we're you're been be being became become becomes becoming who's "
    "isn't aren't wasn't i've"
)
_MODIFIERS: Final = words(
    "a an the very really also half part mostly originally actually just currently now still always devout practicing "
    "practising strict strictly retired former licensed certified registered proud proudly lifelong lapsed pretty "
    "quite fairly raised born not both all newly recently happily legally freelance senior junior full time "
    "self-employed self employed trained qualified professional working like basically technically probably only "
    "more of my mother's father's ethnically culturally first second third generation fourth quarter an ex ex- "
    "semi deeply politically socially fiscally more or less never one hundred percent mixed young old good great"
)
_AS_AFTER: Final = words(
    "work works worked working job identify identifies identified identifying raised myself himself herself career "
    "employed registered trained known started position vote living brought up grew"
)
_CLOSES: Final = words(
    "and but or so because if when who now since by too though although my i we he she they that which then uh um "
    "actually please thanks yes right okay here at in"
)
_MAX_MODIFIERS: Final = 4


def describes(reading: Reading, first: int) -> bool:
    """Whether the words before `first` say that somebody is ("I'm a retired ...", "works as ...", "my son's a ...")."""
    place = first - 1
    steps = 0
    while place >= 0 and steps <= _MAX_MODIFIERS and not reading.pieces[place].ends_sentence:
        word = reading.word(place)
        if word in _BE or (word.endswith("'s") and plain(word) in RELATIVES):
            return True
        if word == "as":
            return reading.word(place - 1) in _AS_AFTER or reading.word(place - 2) in _AS_AFTER
        if word not in _MODIFIERS or place + 1 in reading.dialog.barriers:
            return False
        place -= 1
        steps += 1
    return False


def closes(reading: Reading, end: int) -> bool:
    """Whether the phrase that ends before `end` stands by itself: no noun follows it."""
    return reading.ends_phrase(end) or reading.word(end) in _CLOSES


def within(reading: Reading, place: int, back: int, wanted: frozenset[str]) -> bool:
    """Whether one of the words `wanted` is among the `back` words before `place`, in the same sentence or turn."""
    for index in range(place - 1, max(-1, place - 1 - back), -1):
        if reading.word(index) in wanted:
            return True
        if index in reading.dialog.barriers:
            return False
    return False


def asked(reading: Reading, place: int, wanted: frozenset[str]) -> bool:
    """Whether the other party's last turn before `place`, not long ago, has one of the words `wanted`."""
    dialog = reading.dialog
    for turn, start in zip(reversed(dialog.turns), reversed(dialog.turn_starts), strict=True):
        if start > place:
            continue
        if place - start > ANSWER_REACH:
            return False
        if turn.echo:
            continue
        return any(piece.word in wanted for piece in turn.pieces)
    return False


def answer_start(reading: Reading, start: int) -> int:
    """Where an answer that starts at `start` comes to the point: after "yes, it's"."""
    place = start
    while place < len(reading.pieces) and reading.word(place) in CARRIERS | FILLERS:
        if place > start and place in reading.dialog.barriers:
            break
        place += 1
    return place


def named(reading: Reading, place: int) -> bool:
    """Whether a capital marks the word at `place` as a name: not the first word of a sentence."""
    return (
        reading.cased
        and 0 <= place < len(reading.pieces)
        and reading.pieces[place].capital
        and not reading.starts_turn(place)
        and not reading.pieces[place - 1].ends_sentence
    )
