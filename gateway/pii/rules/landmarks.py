"""Places by the form of their names: "Lake Victoria", "Riverside Park", "the turnpike near Scranton", "Cook County"."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import NOT_NAMES, words
from gateway.pii.rules.reading import Found, Hit, Reading

POLICIES: Final = frozenset({Policy.LOCATION})

_LEADING: Final = words("lake mount mt fort port cape point san santa los las el saint")
_LEADING_IN_LOWER_CASE: Final = words("lake mount fort cape san santa los las saint")
_FINAL: Final = words(
    "lake river creek county beach park island islands airport mountain mountains valley bay canyon bridge heights "
    "hills springs falls harbor harbour station mall forest township parish peninsula ocean desert ridge plaza campus "
    "meadows grove village pier dam reservoir pond"
)
_FINAL_IN_LOWER_CASE: Final = words("county airport island beach township creek valley")
_GENERIC: Final = NOT_NAMES | words(
    "local national state theme water ball car trailer dog city international regional domestic nearest closest "
    "police fire train bus gas radio power polling subway metro shopping strip outdoor indoor private public whole "
    "big small nice beautiful sunny sandy long short deep desert swimming fishing golf industrial office retirement "
    "college university main central new old same next other major great kitchen salt treasure tropical remote "
    "coffee palm life work rain frozen leave left near by at to from in of around across over for this that every"
)
_NOT_AFTER_LEADING: Final = _GENERIC | words("house view front water effect forward is was and but trip level")
_NEAR: Final = words("near outside outside-of toward towards beyond")
_ABBREVIATED: Final = words("ny nyc la sf dc nj ca tx fl usa us uk uae nz az nv ga nc sc va md mn wi mi il tn")
_BEFORE_ABBREVIATED: Final = words("in from to near at around for of outside visiting leaving")
_ROADS: Final = words("turnpike interstate highway freeway parkway expressway exit route bridge tunnel corner")


def find(reading: Reading) -> Found:
    """Names of lakes, mountains, parks, airports, counties; what follows "near" where roads are talked about."""
    found = Found()
    for place, word in enumerate(reading.dialog.words):
        if word in _LEADING:
            _led(reading, place, found)
        elif word in _FINAL and place:
            _ended(reading, place, found)
        elif word in _NEAR and place and not reading.cased:
            _near(reading, place, found)
        elif word in _ABBREVIATED and reading.pieces[place].upper and reading.word(place - 1) in _BEFORE_ABBREVIATED:
            found.hits.append(Hit(place, place + 1, (Policy.LOCATION,), 0.65, "abbreviation"))
    return found


def _name(reading: Reading, place: int) -> bool:
    if not 0 <= place < len(reading.pieces):
        return False
    piece = reading.pieces[place]
    fits = piece.capital if reading.cased else piece.word not in _GENERIC and len(piece.word) > 2
    return fits and piece.word.isalpha() and not piece.figure and place not in reading.number_at


def _led(reading: Reading, place: int, found: Found) -> None:
    piece = reading.pieces[place]
    if piece.after.strip(" .-") or place + 1 in reading.dialog.barriers or not _name(reading, place + 1):
        return
    if reading.word(place + 1) in _NOT_AFTER_LEADING or (reading.cased and not piece.capital):
        return
    if not reading.cased and piece.word not in _LEADING_IN_LOWER_CASE:
        return
    found.hits.append(Hit(place, place + 2, (Policy.LOCATION,), 0.7, "landmark"))


def _ended(reading: Reading, place: int, found: Found) -> None:
    if reading.cased and not reading.pieces[place].capital:
        return
    if not reading.cased and reading.word(place) not in _FINAL_IN_LOWER_CASE:
        return
    first = place
    while place - first < 3 and first not in reading.dialog.barriers and _name(reading, first - 1):
        if reading.pieces[first - 1].after.strip(" -") or reading.word(first - 1) in _GENERIC:
            break
        if not reading.cased and place - first >= 1:
            break
        first -= 1
    if first < place:
        found.hits.append(Hit(first, place + 1, (Policy.LOCATION,), 0.65, "landmark"))


def _near(reading: Reading, place: int, found: Found) -> None:
    """A name after "near" when a road was named just before: "on the turnpike near scranton"."""
    road = any(reading.word(back) in _ROADS for back in range(max(0, place - 4), place))
    if road and _name(reading, place + 1) and reading.ends_phrase(place + 2):
        found.hits.append(Hit(place + 1, place + 2, (Policy.LOCATION,), 0.6, "landmark"))
