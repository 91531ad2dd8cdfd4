"""Passwords and the answers to security questions, and names of users: what follows their cue or question."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from gateway.core.policy import Policy
from gateway.pii.context import HeardTurn
from gateway.pii.lexicon import CARRIERS, FILLERS, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.rules.wording import answer_start

POLICIES: Final = frozenset({Policy.PASSWORD, Policy.USERNAME})

_PASSWORD: Final = words("password passwords passcode passphrase passwort")
_USERNAME: Final = words("username usernames login handle screenname")
_TWO_WORD_USERNAMES: Final = {("user", "name"), ("screen", "name"), ("log", "in"), ("login", "name"), ("user", "id")}
_SECRETS: Final = (
    ("maiden", "name"), ("first", "pet"), ("secret", "question"), ("security", "question"), ("secret", "word"),
    ("security", "word"), ("memorable", "word"), ("code", "word"), ("favorite", "teacher"), ("secret", "answer"),
    ("security", "answer"), ("first", "car"), ("access", "key"), ("pet", "name"), ("pet's", "name"),
    ("verbal", "password"), ("pass", "phrase"), ("elementary", "school"), ("childhood", "friend"), ("pass", "word"),
    ("secret", "phrase"), ("favorite", "color"), ("favorite", "movie"), ("born", "in"), ("street", "you"),
)  # fmt: skip
_ALWAYS_SECRET: Final = frozenset(_SECRETS[:12]) | {("verbal", "password"), ("pass", "phrase"), ("pass", "word")}
_SECRET_FIRST: Final = frozenset(first for first, _ in _SECRETS)
_CUE_WORDS: Final = _PASSWORD | _USERNAME | _SECRET_FIRST | {first for first, _ in _TWO_WORD_USERNAMES}
_LINK: Final = words("is was it's its would be the for set to")
_NO_VALUE: Final = (
    CARRIERS
    | FILLERS
    | words(
        "is was for to on in of and or but not reset change changed changing forgot forgotten expired wrong "
        "working protected manager has have had that when if so please does didn't doesn't won't can't isn't "
        "expires incorrect field again now yet anymore required needed strong weak safe secure what which how "
        "do reset still same being "
        "don't know remember remind can't couldn't think believe why you invalid old new yours mine because "
        "since at with from by somewhere written good there very too too really "
        "been should must needs will like something long short case email phone correct right also only locked "
        "saved issue problem screen page box recovery account number"
    )
)
_QUESTION: Final = words("what what's your tell give need can could may have provide confirm verify say enter spell")
_MAX_SECRET: Final = 6
_FIRST_OF_SEVERAL: Final = words("correct right long short strong safe secure")
_AFTER_SECRET: Final = words(
    "and but so because for on with when if i i'm it it's is was can could would will please thanks thank that the you "
    "my or then okay ok right thats got"
)
"""What ends a secret of ordinary words and begins the next thing."""
_PAIRED: Final = words(
    "dash underscore hyphen capital dot at hash pound dollar star exclamation percent and all lower upper case"
)


def find(reading: Reading) -> Found:
    """What is said after "my password is" or "username", or in answer to a question for it."""
    found = Found()
    for place, piece in enumerate(reading.pieces):
        word = piece.word
        if not piece.lead and word not in _CUE_WORDS:
            continue
        if word in _PASSWORD:
            _value(reading, place + 1, (Policy.PASSWORD,), found)
        elif word in _USERNAME or (word, reading.word(place + 1)) in _TWO_WORD_USERNAMES:
            _value(reading, place + 1 + (word not in _USERNAME), (Policy.USERNAME,), found)
        elif word in _SECRET_FIRST and (word, reading.word(place + 1)) in _SECRETS:
            name = (Policy.PERSON_NAME,) if word == "maiden" else ()
            _value(reading, place + 2, (*name, Policy.PASSWORD), found)
        written = piece.lead.endswith("@") and piece.word.isalnum()
        if written and not (place + 1 < len(reading.pieces) and "." in (reading.pieces[place + 1].before or "")):
            end = place + 1
            while end < len(reading.pieces) and reading.pieces[end].before in ("_", "-", ""):
                end += 1
            found.hits.append(Hit(place, end, (Policy.USERNAME,), 0.9, "handle"))
    for turn, start in zip(reading.dialog.turns, reading.dialog.turn_starts, strict=True):
        policies = _asked(turn)
        if policies and start < len(reading.pieces):
            _answer(reading, start, policies, found)
    return found


def _value(reading: Reading, place: int, policies: tuple[Policy, ...], found: Found) -> None:
    """What follows the cue that ends at `place`, when it says one: "password is ...", "username: ..."."""
    barriers = reading.dialog.barriers
    told = reading.pieces[place - 1].after.startswith(":") or _mixed(reading, place)
    while reading.word(place) in _LINK | FILLERS and place not in barriers:
        told = told or reading.word(place) in ("is", "was", "it's")
        place += 1
    if not told or place >= len(reading.pieces) or place in barriers:
        if told and not reading.complete and place >= len(reading.pieces):
            found.leave_open(place - 1)
        return
    if reading.word(place) in _NO_VALUE:
        return
    end = _value_end(reading, place)
    found.hits.append(Hit(place, end, policies, 0.85, "named"))


def _mixed(reading: Reading, place: int) -> bool:
    """Whether the token at `place` mixes letters and digits as a password does: "temp1234", "27%alfalfa"."""
    if place + 1 >= len(reading.pieces) or reading.pieces[place].before is not None:
        return False
    piece, following = reading.pieces[place], reading.pieces[place + 1]
    return following.before is not None and piece.figure != following.figure


def _value_end(reading: Reading, first: int) -> int:
    """The end of a secret: the phrase, at most a few words; more when it is spelled, dictated or joined by "dash"."""
    end = first + 1
    while end < len(reading.pieces) and end - first < _MAX_SECRET and not reading.ends_phrase(end):
        if reading.word(end) in _AFTER_SECRET:
            break
        end += 1
    while end < len(reading.pieces) and end - first < 16 and end not in reading.dialog.barriers:
        piece = reading.pieces[end]
        if piece.before is not None:
            end += 1
            continue
        if reading.ends_phrase(end) and reading.pieces[end - 1].after[:1] != ",":
            break
        short = len(piece.word) == 1 or len(reading.word(end - 1)) == 1
        number = any(index in reading.number_at for index in (end, end - 1)) or _in_number(reading, end)
        if not (short or number or piece.word in _PAIRED or reading.word(end - 1) in _PAIRED - {"and"}):
            break
        if piece.word == "and":
            break
        end += 1
    return end


def _in_number(reading: Reading, place: int) -> bool:
    return any(number.first <= place < number.end for number in reading.numbers)


def _asked(turn: HeardTurn) -> tuple[Policy, ...]:
    """What secret the turn asks for."""
    said = [piece.word for piece in turn.pieces]
    if not (turn.asks or any(word in _QUESTION for word in said)):
        return ()
    pairs = set(pairwise(said))
    if ("maiden", "name") in pairs:
        return Policy.PERSON_NAME, Policy.PASSWORD
    if any(word in _PASSWORD for word in said) or pairs & _ALWAYS_SECRET:
        return (Policy.PASSWORD,)
    if any(word in _USERNAME for word in said[-6:]) or pairs & _TWO_WORD_USERNAMES:
        return (Policy.USERNAME,)
    return ()


def _begins_words(reading: Reading, first: int) -> bool:
    """Whether "correct" and the like are the first of several words that make the secret."""
    return reading.word(first) in _FIRST_OF_SEVERAL and not any(
        reading.ends_phrase(end) or reading.word(end) in _AFTER_SECRET for end in (first + 1, first + 2)
    )


def _answer(reading: Reading, start: int, policies: tuple[Policy, ...], found: Found) -> None:
    first = answer_start(reading, start)
    while reading.word(first) in _LINK | {"mother's", "maiden", "password", "username"} and first < len(reading.pieces):
        first += 1
    if (
        first >= len(reading.pieces)
        or (reading.word(first) in _NO_VALUE and not _begins_words(reading, first))
        or (first > start and reading.starts_turn(first))
    ):
        return
    end = first
    while end < len(reading.pieces) and end - first < _MAX_SECRET and not (end > first and reading.ends_phrase(end)):
        end += 1
    end = max(end, _value_end(reading, first))
    if reading.ends_phrase(end) or end > first + _MAX_SECRET:
        found.hits.append(Hit(first, end, policies, 0.7, "answer"))
    elif not reading.complete and end == len(reading.pieces):
        found.leave_open(first)
