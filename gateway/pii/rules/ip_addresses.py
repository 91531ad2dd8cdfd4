"""IP addresses, written ("192.168.0.1", "fe80::1") and spoken ("ten dot zero dot zero dot one")."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import words
from gateway.pii.rules.reading import Found, Hit, Reading

_POINTS: Final = words("dot point period")
_HEX: Final = frozenset("0123456789abcdef")


def find(reading: Reading) -> Found:
    """IP addresses; takes their pieces, so that they are no phone numbers."""
    found = Found()
    for place, piece in enumerate(reading.pieces):
        following = reading.pieces[place + 1].before if place + 1 < len(reading.pieces) else None
        if piece.before is None and following is not None:
            _written(reading, place, found)
    covered = 0
    for index, number in enumerate(reading.numbers):
        if number.first >= covered and reading.word(number.end) in _POINTS:
            before = reading.numbers[index - 1] if index else None
            led = before is not None and before.end == number.first and before.first >= covered
            first = (
                before.first if led and before is not None and len(before.digits + number.digits) <= 3 else number.first
            )
            covered = _spoken(reading, first, found)
    for hit in found.hits:
        reading.taken.update(range(hit.first, hit.end))
    return found


def _written(reading: Reading, first: int, found: Found) -> None:
    end = first + 1
    marks: list[str] = []
    while end < len(reading.pieces) and reading.pieces[end].before is not None:
        marks.append(reading.pieces[end].before or "")
        end += 1
    parts = [piece.word for piece in reading.pieces[first:end]]
    four = len(parts) >= 4 and marks[:3] == ["."] * 3 and all(part.isdecimal() for part in parts[:4])
    if four and all(int(part[:4]) <= 255 for part in parts[:4]) and "." not in marks[3:4]:
        last = first + 4
        while last < end and marks[last - first - 1] in (":", "/") and parts[last - first].isdecimal():
            last += 1
        found.hits.append(Hit(first, last, (Policy.IP_ADDRESS,), 0.95, "written address"))
        return
    text = "".join(marks)
    colons = text.count(":") + reading.pieces[first].lead.count(":")
    if set(text) <= {":"} and (colons >= 5 or "::" in marks) and all(_HEX.issuperset(part) for part in parts):
        found.hits.append(Hit(first, end, (Policy.IP_ADDRESS,), 0.95, "written address"))


def _spoken(reading: Reading, first: int, found: Found) -> int:
    """The end of four numbers up to 255 with "dot" between them that start at `first`; 0 when there are none."""
    place = first
    for part in range(4):
        start, digits = place, ""
        while place in reading.number_at and len(digits) < 4 and place not in reading.dialog.barriers - {first}:
            number = reading.number_at[place]
            if number.ordinal:
                return 0
            digits += number.digits
            place = number.end
        if place == start:
            if not reading.complete and place >= len(reading.pieces) and part >= 1:
                found.leave_open(first)
            return 0
        if len(digits) > 3 or int(digits) > 255:
            return 0
        if part < 3:
            if reading.word(place) not in _POINTS:
                if not reading.complete and place >= len(reading.pieces) and part >= 1:
                    found.leave_open(first)
                return 0
            place += 1
    found.hits.append(Hit(first, place, (Policy.IP_ADDRESS,), 0.9, "spoken address"))
    return place
