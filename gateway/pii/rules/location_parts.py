"""The parts of places: street, city, state, country and zip code within what `locations` found, and coordinates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from gateway.core.policy import Policy, narrower
from gateway.pii import gazetteer
from gateway.pii.lexicon import words
from gateway.pii.phrases import PhraseIndex, plain
from gateway.pii.rules.locations import STREET_WORDS
from gateway.pii.rules.reading import Found, Hit, Reading

POLICIES: Final = narrower(Policy.LOCATION)

_COORDINATE_WORDS: Final = words("latitude longitude coordinates gps")
_WITHIN_COORDINATES: Final = words(
    "point degrees degree minutes seconds north south east west n s e w minus negative is and comma by dot latitude "
    "longitude lat long"
)
_CITIES_TOO: Final = frozenset({"new york", "washington", "quebec", "victoria"})
"""States and provinces with a city of the same name."""
_UNIT: Final = words("apartment apt unit suite floor number")


@cache
def _index() -> PhraseIndex:
    index = PhraseIndex()
    states, countries = gazetteer.terms("states"), gazetteer.terms("countries")
    listed = {text for text, _ in (*states, *countries)}
    index.add(Policy.LOCATION_STATE, states, plurals=False)
    index.add(Policy.LOCATION_COUNTRY, countries, plurals=False)
    cities = ((place, True) for place in sorted(gazetteer.places()) if place not in listed or place in _CITIES_TOO)
    index.add(Policy.LOCATION_CITY, cities, plurals=False)
    return index


def find(reading: Reading, places: Iterable[Hit]) -> Found:
    """The parts of the hits `places`."""
    found = Found()
    for hit in places:
        if Policy.LOCATION not in hit.policies and Policy.LOCATION_ADDRESS not in hit.policies:
            continue
        inner = [plain(reading.word(place)) for place in range(hit.first, hit.end)]
        named = [
            (hit.first + match.first, hit.first + match.end, match.term.policy) for match in _index().matches(inner)
        ]
        known = {place for first, end, _ in named for place in range(first, end)}
        found.hits += [Hit(first, end, (policy,), hit.confidence, "part") for first, end, policy in named]
        street_end = _street(reading, hit, found)
        for first, end in _unlisted(reading, max(hit.first, street_end), hit.end, known):
            found.hits.append(Hit(first, end, (Policy.LOCATION_CITY,), 0.6, "part"))
        _zip(reading, hit, street_end, found)
    return found


def _street(reading: Reading, hit: Hit, found: Found) -> int:
    """The end of house number and street at the start of an address; its first piece when there are none."""
    if hit.first not in reading.number_at:
        return hit.first
    for place in range(hit.first + 1, hit.end):
        if reading.word(place) in STREET_WORDS and place not in reading.number_at:
            found.hits.append(Hit(hit.first, place + 1, (Policy.LOCATION_ADDRESS_STREET,), hit.confidence, "part"))
            end = place + 1
            while end < hit.end and reading.word(end) in _UNIT | {"north", "south", "east", "west"}:
                end += 2 if reading.word(end) in _UNIT else 1
            return end
    return hit.first


def _unlisted(reading: Reading, first: int, end: int, known: set[int]) -> list[tuple[int, int]]:
    """Stretches of words that are no number and in no list: the name of a smaller town."""
    stretches: list[tuple[int, int]] = []
    start: int | None = None
    for place in range(first, end + 1):
        word = reading.word(place) if place < end else ""
        name = word.isalpha() and len(word) > 2 and place not in known and place not in reading.number_at
        if name and start is None and word not in ("zip", "code", "the", "and"):
            start = place
        elif not name and start is not None:
            stretches.append((start, place))
            start = None
    return stretches


def _zip(reading: Reading, hit: Hit, street_end: int, found: Found) -> None:
    place, digits, first = street_end, "", street_end
    while place < hit.end:
        number = reading.number_at.get(place)
        if number is None:
            place, digits = place + 1, ""
            continue
        first = place if not digits else first
        digits += number.digits
        place = number.end
        if len(digits) in (5, 9) and place not in reading.number_at:
            found.hits.append(Hit(first, place, (Policy.LOCATION_ZIP,), hit.confidence, "part"))
    if hit.rule == "postcode":
        found.hits.append(Hit(hit.first, hit.end, (Policy.LOCATION_ZIP,), hit.confidence, "part"))


def find_coordinates(reading: Reading) -> Found:
    """Latitude and longitude: "37.7749° N, 122.4194° W", "latitude thirty seven point seven"."""
    found = Found()
    signed = any("°" in piece.after for piece in reading.pieces if piece.after)
    if not signed and _COORDINATE_WORDS.isdisjoint(reading.dialog.words) and "degrees" not in reading.dialog.words:
        return found
    covered = 0
    for number in reading.numbers:
        if number.first < covered:
            continue
        first, end, last = number.first, number.end, number.end
        signs = reading.pieces[number.end - 1].after.startswith("°")
        while end < len(reading.pieces) and end not in reading.dialog.barriers:
            inner = reading.number_at.get(end)
            if inner is not None:
                end = last = inner.end
            elif reading.word(end) in _WITHIN_COORDINATES:
                end += 1
                last = end if reading.word(end - 1) in words("north south east west n s e w") else last
            else:
                break
            signs = signs or "°" in reading.pieces[end - 1].after
        told = any(reading.word(place) in _COORDINATE_WORDS for place in range(max(0, first - 4), last))
        degrees = sum(
            reading.word(place) in ("degrees", "north", "south", "east", "west") for place in range(first, last)
        )
        if last - first >= 3 and (signs or told or degrees >= 3):
            found.hits.append(Hit(first, last, (Policy.LOCATION_COORDINATE,), 0.85, "coordinates"))
            covered = last
    return found
