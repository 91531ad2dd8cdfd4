"""Names by their form: events ("the Riverside Jazz Festival"), projects ("Project Apollo"), jobs ("I'm a glazier")."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import NOT_NAMES, words
from gateway.pii.phrases import plain
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.rules.wording import RELATIVES, closes, describes

POLICIES: Final = frozenset({Policy.EVENT, Policy.PROJECT, Policy.OCCUPATION, Policy.PRODUCT})

_EVENT_HEADS: Final = words(
    "conference convention festival marathon expo summit symposium gala tournament championship championships parade "
    "regatta rodeo fair games triathlon olympics derby bowl carnival jamboree fest fiesta concert hackathon congress "
    "biennale awards open prix exhibition ball pageant telethon walkathon powwow"
)
_FIRM_EVENT_HEADS: Final = words(
    "conference convention festival marathon expo summit symposium gala tournament championship championships parade "
    "regatta rodeo triathlon derby jamboree fest fiesta hackathon biennale"
)
_EVENT_GENERIC: Final = NOT_NAMES | words(
    "annual big whole local next last this music film jazz food trade sales press video phone conference half full "
    "charity county state summer winter spring fall school company business tech technology medical industry wedding "
    "career job health science book art local street christmas holiday town city international national world "
    "college university family small huge great annual yearly weekly monthly upcoming entire attend attended attending "
    "went run ran running go goes gone during since after before until over for golf tennis soccer football chess "
    "dance dinner awards fundraising online virtual regional user developer sat through missed day days three two"
)
_FOLLOWED: Final = {"hurricane": Policy.EVENT, "operation": Policy.PROJECT, "project": Policy.PROJECT}
_PROJECT_NOT: Final = words(
    "manager managers management plan plans team lead leader is was has will and for in on at to that which with "
    "deadline budget due work coordinator gutenberg runway room was i'm we he she they the a an it of or but by from "
    "number code name page site costs status update updates started starts starting going doing due called"
)
_BATTLES: Final = words("battle siege treaty")
_JOB_ENDINGS: Final = ("er", "or", "ist", "ian", "man", "woman", "ant", "smith", "wright")
_NOT_JOBS: Final = words(
    "customer member user subscriber beginner homeowner owner father mother sister brother daughter voter believer "
    "lover "
    "fighter survivor stranger minor senior teenager visitor renter caller smoker drinker reader viewer stayer person "
    "human woman man veteran vegetarian christian american italian canadian mexican german russian asian indian "
    "australian korean cuban latter former quarter loner dreamer sucker listener follower tenant descendant applicant "
    "participant recipient infant elephant giant merchant significant important distant instant relevant constant "
    "another other either neither later sooner better older younger bigger smaller longer shorter never ever over "
    "under after number letter paper order offer matter daughter summer winter member power tower flower dinner "
    "neighbor neighbour partner donor victor sponsor favor color honor error terror mirror tumor "
    "libertarian republican pedestrian civilian guardian virgin vegan equestrian newcomer "
    "commuter cancer diabetic partier player leader learner walker swimmer runner hiker gamer camper hoarder "
    "early purist optimist pessimist realist perfectionist racist sexist feminist activist capitalist"
)
_BEFORE_NEW_JOB: Final = words("a an")
_MODELS: Final = words("model")
_MAKES: Final = words(
    "tesla toyota honda ford chevy chevrolet nissan mazda subaru hyundai kia volkswagen bmw audi lexus acura dodge "
    "jeep "
    "volvo mercedes porsche buick cadillac gmc chrysler mitsubishi infiniti iphone galaxy pixel windows"
)


def find(reading: Reading) -> Found:
    """Events, projects, jobs and makes of cars with a model."""
    found = Found()
    for place in range(len(reading.pieces)):
        word = reading.word(place)
        if word in _EVENT_HEADS:
            _event(reading, place, found)
        elif word in _FOLLOWED:
            _followed(reading, place, found)
        elif word in _BATTLES and reading.word(place + 1) == "of" and _name(reading, place + 2):
            found.hits.append(Hit(place, place + 3, (Policy.EVENT,), 0.8, "battle"))
        elif word in ("a", "an"):
            _job(reading, place, found)
        elif word in _MAKES:
            _model(reading, place, found)
    return found


def _name(reading: Reading, place: int) -> bool:
    if place >= len(reading.pieces) or place in reading.dialog.barriers:
        return False
    piece = reading.pieces[place]
    return piece.capital if reading.cased else piece.word not in NOT_NAMES and not piece.figure


def _event(reading: Reading, head: int, found: Found) -> None:
    """The name that ends in a head word at `head`."""
    first = head
    while first > 0 and head - first < 4 and first not in reading.dialog.barriers:
        piece = reading.pieces[first - 1]
        joined = piece.word in ("and", "of", "the") and first - 1 > 0 and reading.pieces[first - 2].capital
        fits = (piece.capital or joined) if reading.cased else piece.word not in _EVENT_GENERIC - _KINDS
        if piece.after.strip(" -&") or not fits:
            break
        first -= 1
    own = any(plain(reading.word(place)) not in _EVENT_GENERIC for place in range(first, head))
    while first < head and reading.word(first) in ("the", "a", "and", "of", "my", "i", "our"):
        first += 1
    written = reading.pieces[head].capital or (reading.word(head) in _FIRM_EVENT_HEADS and head - first >= 2)
    if not own or first == head or (reading.cased and not written):
        return
    if not reading.cased and (reading.word(head) not in _FIRM_EVENT_HEADS or reading.word(first - 1) not in _LED):
        return
    found.hits.append(Hit(first, head + 1, (Policy.EVENT,), 0.75 if reading.cased else 0.6, "head word"))


_KINDS: Final = words("jazz film music food art book science tech world international national summer winter")
_LED: Final = words("the at for to our annual this")


def _followed(reading: Reading, place: int, found: Found) -> None:
    """Find "Hurricane Andrew", "Project Apollo", "Operation Overlord"."""
    policy = _FOLLOWED[reading.word(place)]
    following = reading.word(place + 1)
    if not _name(reading, place + 1) or following in _PROJECT_NOT or reading.pieces[place].after.strip():
        return
    if not reading.cased and (
        policy is Policy.PROJECT and reading.word(place - 1) in ("the", "a", "this", "my", "our")
    ):
        return
    if reading.cased and not reading.pieces[place].capital and policy is Policy.PROJECT:
        return
    found.hits.append(Hit(place, place + 2, (policy,), 0.75 if reading.cased else 0.55, "named"))


def _job(reading: Reading, article: int, found: Found) -> None:
    """Find "I'm a glazier", "works as a window fitter": one to three words with the ending of a job."""
    if not describes(reading, article + 1):
        return
    person = reading.word(article - 1)
    subject = person in ("i'm", "im", "he's", "she's", "am", "as") or plain(person) in RELATIVES
    if not subject and not (person in ("is", "was") and _somebody(reading, article - 2)):
        return
    for end in range(article + 2, min(article + 5, len(reading.pieces) + 1)):
        last = reading.word(end - 1)
        if last in NOT_NAMES or last in _NOT_JOBS or not last.isalpha():
            return
        if last.endswith(_JOB_ENDINGS) and len(last) >= 5 and closes(reading, end):
            found.hits.append(Hit(article + 1, end, (Policy.OCCUPATION,), 0.65, "job ending"))
            return
        if reading.ends_phrase(end):
            return


def _somebody(reading: Reading, place: int) -> bool:
    return reading.word(place) in RELATIVES or reading.word(place) in ("i", "he", "she", "who")


def _model(reading: Reading, place: int, found: Found) -> None:
    """Find "Tesla Model 3", "iPhone 15", "Mazda CX 5": a make, capitals or letters, and a number."""
    end = place + 1
    while (
        end < len(reading.pieces) and end - place < 3 and reading.word(end) in _MODELS | words("pro max plus x s e r")
    ):
        end += 1
    number = reading.number_at.get(end)
    if (
        number is not None
        and not number.ordinal
        and len(number.digits) <= 3
        and not reading.pieces[end - 1].after.strip()
    ):
        found.hits.append(Hit(place, number.end, (Policy.PRODUCT,), 0.75, "model"))
    elif end > place + 1:
        found.hits.append(Hit(place, end, (Policy.PRODUCT,), 0.7, "model"))
