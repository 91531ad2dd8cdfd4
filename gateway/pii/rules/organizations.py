"""Organisations by their form ("Redwood Plumbing Supply") and by talk of work ("I work at ...")."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import CARRIERS, FILLERS, NOT_NAMES, words
from gateway.pii.rules.reading import Found, Hit, Reading

POLICIES: Final = frozenset({Policy.ORGANIZATION, Policy.ORGANIZATION_MEDICAL_FACILITY})

_HEADS: Final = words(
    "inc incorporated llc corp corporation ltd limited plc gmbh bank insurance university college academy institute "
    "foundation association federation society council commission committee hospital clinic pediatrics orthopedics "
    "dermatology dentistry dental cardiology oncology pharmacy supply plumbing electric electronics roofing "
    "landscaping construction contracting contractors logistics trucking freight shipping airlines airways motors "
    "automotive auto dealership realty properties mortgage lending financial capital investments holdings ventures "
    "partners associates consulting consultants solutions systems technologies technology software labs laboratories "
    "industries enterprises manufacturing pharmaceuticals biotech energy utilities telecom communications wireless "
    "broadband media studios pictures records publishing press restaurant bistro cafe diner grill pizzeria brewery "
    "bakery deli hotel resort inn casino hardware furniture appliances jewelers outfitters fitness gym salon spa "
    "veterinary nursery church temple synagogue mosque cathedral ministries ymca school schools district department "
    "agency bureau ministry authority union group company co brothers sons stores store market markets foods farms "
    "dairy winery vineyards rentals services security movers storage cleaners laundromat theater theatre museum "
    "library orchestra builders homes counseling center centre hall heating cooling catering photography flooring "
    "painting tours travel cruises transit railway oil steel chemical aerospace aviation robotics analytics digital "
    "networks games entertainment productions gardens apartments towers suites lodge club league journal tribune "
    "times gazette herald daily express"
)
_FIRM: Final = words(
    "inc incorporated llc corp corporation ltd plc gmbh bank insurance university college academy institute "
    "foundation hospital clinic pediatrics orthopedics dermatology plumbing supply roofing landscaping logistics "
    "airlines airways motors realty mortgage pharmaceuticals technologies industries enterprises laboratories "
    "builders counseling heating catering aerospace robotics "
    "consulting church synagogue dental credit"
)
"""Heads that make a name out of lower case words; the others need capitals or talk of work."""
_MEDICAL: Final = words(
    "hospital clinic pediatrics orthopedics dermatology dentistry dental cardiology oncology hospice"
)
_GENERIC: Final = (
    NOT_NAMES
    | FILLERS
    | words(
        "local another some every next nearest big small large whole huge our private public online new own general "
        "health car home life auto dental medical travel renters homeowners property liability flood pet vision "
        "term food animal emergency mental community middle elementary high primary grade night business law art "
        "beauty nursing graduate state city county town national federal international regional department animal "
        "power money blood sperm eye walk urgent children children's outpatient plastic grocery convenience drug "
        "water gas electric phone cable internet cell customer limited company's his her their good bad best worst "
        "different certain particular actual main major minor first second third fourth whole entire entirely "
        "paid pay paying cover covers covered through near nearby closest inside outside between against "
        "went goes gone drive drove leave left start started attend attended attending teach teaches join joined "
        "switch switched buy bought sell sold visit visited open opened close closed since until while during where "
        "proof card claim claims policy insurance bank university college school hospital clinic church catholic "
        "baptist methodist lutheran muslim jewish christian group therapy cheap cheaper full low lot lots bit piece "
        "part more most less least much many few free late early last month months year years week weeks day days "
        "time times ask asked tell told said says needs wants took takes take give gives gave put keep kept let's "
        "run running work working works worked call called piggy river west east north south savings investment "
        "foreign central online-only supply food short fresh plus two-year four-year junior senior boarding prep "
        "trade technical vocational marriage grief family couples career debt credit crisis city town music call dance "
        "shopping data community recreation distribution fulfillment training support rec conference convention"
    )
)
_INNER: Final = words(
    "first second united new family city community general national state county central north south east west"
)
"""Generic words that names have inside."""
_OF_HEADS: Final = words(
    "university college bank department institute church city ministry bureau museum school academy"
)
_TWO_WORD_HEADS: Final = {
    ("medical", "center"): True, ("health", "center"): True, ("surgery", "center"): True, ("urgent", "care"): True,
    ("nursing", "home"): True, ("family", "practice"): True, ("medical", "group"): True, ("eye", "care"): True,
    ("kidney", "center"): True, ("cancer", "center"): True, ("imaging", "center"): True, ("heart", "center"): True,
    ("wellness", "center"): True, ("dialysis", "center"): True, ("birth", "center"): True, ("pain", "center"): True,
    ("spine", "center"): True, ("dental", "center"): True, ("counseling", "center"): True,
    ("health", "system"): True, ("care", "center"): True, ("rehab", "center"): True, ("credit", "union"): False,
    ("high", "school"): False, ("middle", "school"): False, ("elementary", "school"): False, ("law", "firm"): False,
    ("police", "department"): False, ("fire", "department"): False, ("school", "district"): False,
    ("community", "college"): False, ("state", "university"): False, ("savings", "bank"): False,
    ("real", "estate"): False, ("auto", "repair"): False, ("body", "shop"): False, ("book", "club"): False,
    ("life", "insurance"): False, ("steak", "house"): False, ("food", "bank"): False, ("auto", "parts"): False,
}  # fmt: skip
"""Heads of two words; True: a place of health care."""
_CUES: Final = (
    ("work", "at"), ("work", "for"), ("works", "at"), ("works", "for"), ("worked", "at"), ("worked", "for"),
    ("working", "at"), ("working", "for"), ("job", "at"), ("job", "with"), ("employed", "by"), ("employed", "at"),
    ("employer", "is"), ("company", "is"), ("company", "called"), ("calling", "from"), ("with", "from"),
    ("intern", "at"), ("hired", "by"), ("hired", "at"), ("ceo", "of"), ("manager", "at"), ("teach", "at"),
    ("interview", "at"), ("interview", "with"), ("bank", "with"), ("bank", "at"), ("insured", "by"),
    ("insured", "with"), ("enrolled", "at"), ("study", "at"), ("go", "to"), ("name", "is"), ("on", "behalf"),
    ("graduated", "from"), ("business", "called"), ("startup", "called"), ("firm", "called"), ("here", "at"),
)  # fmt: skip
_STRONG_CUES: Final = frozenset(
    pair
    for pair in _CUES
    if pair not in {("go", "to"), ("name", "is"), ("on", "behalf"), ("with", "from"), ("here", "at")}
)
_CUE_FIRST: Final = frozenset(first for first, _ in _CUES)
_CUE_WORDS: Final = _HEADS | _OF_HEADS | _CUE_FIRST | {first for first, _ in _TWO_WORD_HEADS}
_STOP: Final = NOT_NAMES | words(
    "so well during since before after until downtown full part which who that when where because nights days weekends "
    "as here there least minimum currently a an the my your his her our their home night"
)
_FIRST_OF_TWO: Final = words("north south east west new los las san santa saint st rhode fort el")
_MAX_WORDS: Final = 4


def find(reading: Reading) -> Found:
    """Names that end in a head word, "... of ..." names, and what follows "I work at"."""
    found = Found()
    for place, word in enumerate(reading.dialog.words):
        if word not in _CUE_WORDS:
            continue
        if word in _HEADS:
            _headed(reading, place, place + 1, word in _MEDICAL, word in _FIRM, found)
        pair = (word, reading.word(place + 1))
        if pair in _TWO_WORD_HEADS:
            _headed(reading, place, place + 2, _TWO_WORD_HEADS[pair], True, found)
        if word in _OF_HEADS and reading.word(place + 1) == "of":
            _of(reading, place, found)
        if word in _CUE_FIRST and pair in _STRONG_CUES:
            _employer(reading, place + 2, found)
    return found


def _name_word(reading: Reading, place: int, cased: bool) -> bool:
    """Whether the word may be a part of a name before its head."""
    piece = reading.pieces[place]
    if piece.after.strip(" -&.'"):
        return False
    if piece.figure:
        return False
    if cased:
        of_name = piece.word in ("of", "for", "the") and reading.word(place - 1) in _OF_HEADS | {"of", "for"}
        return piece.capital or of_name or piece.word == "and"
    return (piece.word not in _GENERIC or piece.word in _INNER) and len(piece.word) > 1


def _headed(reading: Reading, head: int, end: int, medical: bool, firm: bool, found: Found) -> None:
    """The name that ends in the head word at `head:end`."""
    cased = reading.cased and reading.pieces[head].capital
    if reading.cased and not cased:
        return
    first = head
    while first > 0 and head - first < _MAX_WORDS and first not in reading.dialog.barriers:
        if not _name_word(reading, first - 1, cased):
            break
        first -= 1
    while first < head and reading.word(first) in ("and", "of", "the", "for", "i", "my"):
        first += 1
    while first < head and cased and _opens_sentence(reading, first) and reading.word(first) in _GENERIC:
        first += 1
    own = [place for place in range(first, head) if reading.word(place) not in _GENERIC]
    if not own:
        return
    worked_at = any(pair in _STRONG_CUES for pair in [(reading.word(first - 2), reading.word(first - 1))])
    if not cased:
        if not (firm or worked_at):
            return
        first = max(first, head - 3)
    policies = (Policy.ORGANIZATION_MEDICAL_FACILITY,) if medical else (Policy.ORGANIZATION,)
    found.hits.append(Hit(first, end, policies, 0.8 if cased else 0.65, "head word"))


def _opens_sentence(reading: Reading, place: int) -> bool:
    return reading.starts_turn(place) or reading.pieces[place - 1].ends_sentence


def _of(reading: Reading, head: int, found: Found) -> None:
    """Find "University of Alaska", "Bank of the West"."""
    first = head
    if reading.cased and not reading.pieces[head].capital:
        return
    if (
        reading.cased
        and first > 0
        and reading.pieces[first - 1].capital
        and not reading.pieces[first - 1].after.strip()
    ):
        first -= not _opens_sentence(reading, first - 1)
    place = head + 2
    if reading.word(place) == "the":
        place += 1
    start = place
    longest = 3 if reading.cased else 2 if reading.word(start) in _FIRST_OF_TWO else 1
    while place < len(reading.pieces) and place - start < longest and place not in reading.dialog.barriers:
        piece = reading.pieces[place]
        joined = piece.word in ("and", "at") and reading.cased and _capital(reading, place + 1)
        fits = piece.capital if reading.cased else piece.word not in _STOP
        if piece.figure or not (fits or joined):
            break
        place += 1
        if reading.ends_phrase(place):
            break
    if place > start:
        found.hits.append(Hit(first, place, (Policy.ORGANIZATION,), 0.75, "of name"))


def _capital(reading: Reading, place: int) -> bool:
    return place < len(reading.pieces) and reading.pieces[place].capital


def _employer(reading: Reading, start: int, found: Found) -> None:
    """What follows "I work at": capitals, or the words up to one that is no name."""
    place = start
    while reading.word(place) in FILLERS:
        place += 1
    skipped = reading.word(place) in ("the", "a", "an")
    first = place + skipped
    end = first
    while end < len(reading.pieces) and end - first < _MAX_WORDS and not (end > first and reading.ends_phrase(end)):
        piece = reading.pieces[end]
        if end in reading.dialog.barriers or (piece.figure and end == first) or piece.word in ("i", "i'm"):
            break
        if reading.cased:
            joined = piece.word in ("and", "of", "the", "&") and end > first and _capital(reading, end + 1)
            if not (piece.capital or joined):
                break
        elif piece.word in _STOP | CARRIERS or (skipped and piece.word in _GENERIC):
            break
        end += 1
    if end > first and not (reading.word(first) in _GENERIC and end == first + 1):
        generic = all(reading.word(place) in _GENERIC | _HEADS for place in range(first, end))
        if not generic and not (skipped and not reading.cased and end == first + 1):
            found.hits.append(Hit(first, end, (Policy.ORGANIZATION,), 0.8 if reading.cased else 0.65, "work"))
