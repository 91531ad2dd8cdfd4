"""E-mail addresses, written ("john.smith@gmail.com") and spoken ("john dot smith at gmail dot com")."""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.pii.context import Topic
from gateway.pii.lexicon import CARRIERS, FILLERS, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import is_letter

_TOP_LEVEL = words(
    "com net org edu gov io co uk me info biz us ca de fr au ie nz tv mil email ai app dev online xyz eu con come calm"
)
_PROVIDERS = words(
    "gmail yahoo hotmail outlook icloud aol protonmail comcast verizon msn live googlemail ymail gmx att sbcglobal mac"
)
_MARKS = words("dot underscore dash hyphen period plus point")
_NOT_LOCAL = (
    CARRIERS
    | FILLERS
    | words(
        "is at to email address my mail send it emails e in on and or was with from under use try but no not "
        "sorry for you wait his her their our a"
    )
) - {"a", "i", "an", "me", "first", "last", "name", "hello"}
_DOMAIN_STOP = words("the my a an this that your his her our their least all once home work night noon about")
_SPELLED_MARKS = words("dot underscore hyphen")
MAX_DOMAIN_WORDS = 6
MAX_LOCAL_WORDS = 14


def find(reading: Reading) -> Found:
    """All e-mail addresses."""
    found = Found()
    pieces = reading.pieces
    for place, piece in enumerate(pieces):
        if piece.word == "at" and piece.before is None:
            end = _domain_end(reading, place + 1)
            first = _local_start(reading, place)
            if end is not None and first < place:
                found.hits.append(Hit(first, end, (Policy.EMAIL_ADDRESS,), 0.95, "spoken address"))
            elif not reading.complete and first < place and _growing(reading, place, first):
                found.leave_open(first)
        elif piece.before is not None and "@" in piece.before:
            first = place - 1
            while pieces[first].before is not None:
                first -= 1
            first = _before_written(reading, first)
            end = place + 1
            while end < len(pieces) and pieces[end].before is not None:
                end += 1
            while reading.word(end) == "dot" and reading.word(end + 1) in _TOP_LEVEL:
                end += 2
            found.hits.append(Hit(first, end, (Policy.EMAIL_ADDRESS,), 0.99, "written address"))
        elif piece.lead.endswith("@") and place > 0 and _goes_on_as_domain(reading, place):
            end = place + 1
            while end < len(pieces) and pieces[end].before is not None:
                end += 1
            found.hits.append(Hit(_local_start(reading, place), end, (Policy.EMAIL_ADDRESS,), 0.9, "written address"))
    _without_at(reading, found)
    if not reading.complete:
        _leave_open(reading, found)
    return found


def _goes_on_as_domain(reading: Reading, place: int) -> bool:
    """Whether "@" and the word at `place` can be a domain, not the handle of a user."""
    following = reading.pieces[place + 1] if place + 1 < len(reading.pieces) else None
    dotted = following is not None and (following.before == "." or following.word == "dot")
    return dotted or reading.word(place) in _PROVIDERS


def _without_at(reading: Reading, found: Found) -> None:
    """An answer that ends in "dot com" after a question for the address, its "at" misheard."""
    covered = max((hit.end for hit in found.hits), default=0)
    for place in range(max(1, covered), len(reading.pieces)):
        if reading.word(place) not in _TOP_LEVEL or reading.word(place - 1) != "dot" or place - 1 < covered:
            continue
        first = max(_answer_start(reading, place - 1), covered)
        if first < place - 1 and Topic.EMAIL in reading.dialog.evidence(place).topics:
            found.hits.append(Hit(first, place + 1, (Policy.EMAIL_ADDRESS,), 0.7, "address without at"))
            covered = place + 1


def _answer_start(reading: Reading, end: int) -> int:
    """Where what was said for an address begins: after the cue or the question, and after "it's"."""
    dialog = reading.dialog
    starts = [cue.end for cue in dialog.cues if cue.topic is Topic.EMAIL and cue.end <= end]
    for turn, start in zip(dialog.turns, dialog.turn_starts, strict=True):
        if start <= end and any(cue.topic is Topic.EMAIL for cue in turn.cues):
            starts.append(start)
    first = max(starts, default=end)
    while first < end and reading.word(first) in CARRIERS:
        first += 1
    return first if end - first <= MAX_LOCAL_WORDS else _local_start(reading, end)


def _before_written(reading: Reading, first: int) -> int:
    """Parts of the local part spoken before a written rest: "john dot smith@gmail.com"."""
    while first >= 2 and reading.word(first - 1) in _MARKS:
        first -= 2
    return first


def _domain_end(reading: Reading, place: int) -> int | None:
    """The end of a domain that starts at `place`: "gmail dot com", "gmail.com", "company mail dot net", "gmail"."""
    pieces = reading.pieces
    first = place
    while place < len(pieces) and place - first < MAX_DOMAIN_WORDS:
        word = pieces[place].word
        if place in reading.dialog.barriers:
            return None
        follows_dot = reading.word(place - 1) == "dot" or pieces[place].before == "."
        if place > first and word in _TOP_LEVEL and (follows_dot or reading.word(place - 1) in _PROVIDERS):
            end = place + 1
            while reading.word(end) == "dot" and reading.word(end + 1) in _TOP_LEVEL:
                end += 2
            while end < len(pieces) and pieces[end].before == "." and pieces[end].word in _TOP_LEVEL:
                end += 1
            return end
        if place == first and word in _DOMAIN_STOP and not is_letter(pieces[min(place + 1, len(pieces) - 1)]):
            return None
        if pieces[place].ends_sentence and pieces[place].after[:1] != "." and word != "dot":
            break
        place += 1
    if reading.word(first) in _PROVIDERS or (reading.word(first) == "g" and reading.word(first + 1) == "mail"):
        return first + 1 if reading.word(first) != "g" else first + 2
    return None


def _local_start(reading: Reading, at: int) -> int:
    """Where the part before "at" starts."""
    pieces = reading.pieces
    place = at
    asked = False
    evidence = reading.dialog.evidence(at)
    asked = Topic.EMAIL in evidence.topics
    while place > 0 and at - place < MAX_LOCAL_WORDS:
        if place in reading.dialog.barriers:
            break
        previous = pieces[place - 1]
        word = previous.word
        if word in _MARKS:
            place -= 1
            continue
        after_mark = place < at and pieces[place].word in _MARKS
        short = (
            is_letter(previous)
            or previous.figure
            or (place - 1) in reading.number_at
            or _inside_number(reading, place - 1)
        )
        if previous.ends_sentence and not short and not after_mark and previous.after[:1] != "-":
            break
        if place == at:
            if word in _NOT_LOCAL:
                break
            place -= 1
            continue
        if after_mark and word not in ("is", "address", "email", "it's"):
            place -= 1
            continue
        if (word == "number" and place in reading.number_at) or (word == "the" and reading.word(place) == "number"):
            place -= 1
            continue
        if word in _NOT_LOCAL:
            break
        if (short and not (word in ("a", "i") and not asked)) or (asked and not _is_cue(reading, place - 1)):
            place -= 1
            continue
        break
    while place < at and pieces[place].word in _MARKS:
        place += 1
    return _turn_start(reading, place) if place < at else place


def _turn_start(reading: Reading, place: int) -> int:
    """Where the turn starts, when nothing but a word or two before `place` is said in it; else `place`."""
    first = place
    while not reading.starts_turn(first):
        word = reading.word(first - 1)
        if place - first == 2 or word in _NOT_LOCAL or reading.pieces[first - 1].after != "":
            return place
        first -= 1
    return first


def _inside_number(reading: Reading, place: int) -> bool:
    return place >= 1 and any(
        place - back in reading.number_at and reading.number_at[place - back].end > place for back in range(1, 6)
    )


def _is_cue(reading: Reading, place: int) -> bool:
    return any(cue.first <= place < cue.end and cue.topic is Topic.EMAIL for cue in reading.dialog.cues)


def _growing(reading: Reading, at: int, first: int) -> bool:
    """Whether "... at ..." up to the end may still become an address."""
    tail = [piece.word for piece in reading.pieces[at + 1 :]]
    spelled = len(tail) > 1 and is_letter(reading.pieces[at + 2])
    if len(tail) > MAX_DOMAIN_WORDS or (tail and tail[0] in _DOMAIN_STOP and not spelled and tail != ["a"]):
        return False
    if Topic.EMAIL in reading.dialog.evidence(at).topics:
        return True
    return at - first > 1 or not tail or (len(tail) <= 3 and "dot" in tail)


def _leave_open(reading: Reading, found: Found) -> None:
    """What may be the local part of an address whose "at" has not been heard yet."""
    size = len(reading.pieces)
    if not size:
        return
    if Topic.EMAIL in reading.dialog.evidence(size).topics:
        end = size
        while end > 0 and reading.word(end - 1) in ("the", "number"):
            end -= 1
        first = _local_start(reading, end)
        if first < end:
            found.leave_open(first)
        return
    first = size - 1
    if ends_with_mark := reading.word(first) in _SPELLED_MARKS:
        first -= 1
    if first < 0 or not (ends_with_mark or reading.word(first - 1) in _SPELLED_MARKS):
        return
    while first >= 2 and reading.word(first - 1) in _MARKS:
        first -= 2
    found.leave_open(first)
