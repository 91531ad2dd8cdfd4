"""How somebody looks: height, weight, hair, eyes, skin, scars and tattoos."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.rules.wording import asked, closes, describes, within

POLICIES: Final = frozenset({Policy.PHYSICAL_ATTRIBUTE})

_COLORS: Final = words(
    "black brown blonde blond red auburn ginger gray grey white dark light blue green hazel amber silver curly "
    "straight wavy long short thick thin frizzy shoulder-length bald balding receding strawberry dirty salt pepper "
    "dyed bright "
    "pale tan fair olive freckled chestnut brunette big small large"
)
_FEATURES: Final = words("hair eyes haired eyed skin skinned complexion eyebrows")
_MARKS: Final = words(
    "tattoo tattoos birthmark birthmarks scar scars freckles dimples beard mustache moustache goatee sideburns "
    "dreadlocks dreads piercing piercings braces mole prosthesis wheelchair ponytail mohawk"
)
_BUILDS: Final = words(
    "tall short bald balding blonde blond brunette redhead overweight obese underweight heavyset stocky skinny slim "
    "slender petite muscular athletic chubby plump lanky burly fat thin freckled bearded left-handed right-handed "
    "brown-eyed blue-eyed dark-skinned light-skinned"
)
_WEIGHT: Final = words("weigh weighs weighed weighing weight")
_WEIGHT_UNITS: Final = words("pounds pound lbs lb kilos kilo kg kilograms stone")
_LENGTH_UNITS: Final = words("centimeters centimetres centimeter cm meters metres meter metre inches inch feet foot")
_TALL: Final = words("tall height")
_OWNERS: Final = words("my his her their has have had with and got a i'm he's she's very is are your short long")


def find(reading: Reading) -> Found:
    """Descriptions of bodies."""
    found = Found()
    for place in range(len(reading.pieces)):
        word = reading.word(place)
        if word in _FEATURES and (reading.word(place - 1) in _COLORS or reading.word(place - 2) in _COLORS):
            first = place
            while first > 0 and reading.word(first - 1) in _COLORS | {"and", "shoulder", "length"}:
                first -= 1
            while reading.word(first) == "and":
                first += 1
            found.hits.append(Hit(first, place + 1, (Policy.PHYSICAL_ATTRIBUTE,), 0.85, "feature"))
        elif word in _FEATURES and reading.word(place + 1) in ("is", "are") and reading.word(place + 2) in _COLORS:
            found.hits.append(Hit(place, place + 3, (Policy.PHYSICAL_ATTRIBUTE,), 0.8, "feature"))
        elif word in _MARKS and reading.word(place - 1) in _OWNERS | _COLORS:
            found.hits.append(Hit(place, place + 1, (Policy.PHYSICAL_ATTRIBUTE,), 0.75, "mark"))
        elif word in _BUILDS and describes(reading, place) and closes(reading, place + 1):
            found.hits.append(Hit(place, place + 1, (Policy.PHYSICAL_ATTRIBUTE,), 0.75, "build"))
    for number in reading.numbers:
        end = _measure(reading, number.first)
        if end:
            found.hits.append(Hit(number.first, end, (Policy.PHYSICAL_ATTRIBUTE,), 0.85, "measure"))
        elif number.end >= len(reading.pieces) and not reading.settled and _weighed(reading, number.first):
            found.leave_open(number.first)
    return found


def _measure(reading: Reading, first: int) -> int:
    """The end of a height or a weight that starts at `first`: "five foot ten", "5'10", "190 cm tall", "180 pounds"."""
    number = reading.number_at[first]
    if number.ordinal or number.value is None or number.value > 999:
        return 0
    end = number.end
    more = reading.number_at.get(end)
    if more is not None and not more.ordinal and reading.pieces[end].before in (None, "."):
        end = more.end if reading.word(more.end) in _LENGTH_UNITS | _WEIGHT_UNITS else end
    word = reading.word(end)
    if number.value in (4, 5, 6, 7) and reading.pieces[number.end - 1].after[:1] in ("'", "’"):
        inches = reading.number_at.get(number.end)
        return inches.end if inches is not None and (inches.value or 0) < 12 else 0
    if word in ("foot", "feet") and number.value in (3, 4, 5, 6, 7):
        inches = reading.number_at.get(end + 1)
        if inches is not None and (inches.value or 99) < 12 and not inches.ordinal:
            stop = inches.end + (reading.word(inches.end) in ("inches", "inch"))
            return stop + (reading.word(stop) == "tall")
        return end + 2 if reading.word(end + 1) == "tall" else 0
    if word in _LENGTH_UNITS and (reading.word(end + 1) == "tall" or _height_asked(reading, first)):
        return end + 1 + (reading.word(end + 1) == "tall")
    return end + 1 if word in _WEIGHT_UNITS and _weighed(reading, first) else 0


def _weighed(reading: Reading, first: int) -> bool:
    return asked(reading, first, _WEIGHT) or within(reading, first, 4, _WEIGHT)


def _height_asked(reading: Reading, first: int) -> bool:
    return asked(reading, first, _TALL) or within(reading, first, 4, _TALL)
