"""Names of persons: after cues and titles, in answers to "your name?", well-known first names, and names said again."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from gateway.core.detection import OtherTurn
from gateway.core.policy import Policy
from gateway.pii.context import TEXTS_KEPT, Dialog, Topic
from gateway.pii.gazetteer import first_names, first_names_also_words, places, surnames
from gateway.pii.lexicon import CARRIERS, FILLERS, MONTHS, NOT_NAMES, words
from gateway.pii.pieces import Piece, cut
from gateway.pii.rules.locations import STREET_WORDS
from gateway.pii.rules.reading import Found, Hit, Reading, is_cased
from gateway.pii.spoken import is_letter, read_numbers

_OF_THINGS = STREET_WORDS | words(
    "inc ltd llc corp company hotel hills stadium bank hospital university college school church clinic "
    "center centre airport station restaurant club theater theatre museum festival creek park beach "
    "county city island river lake mountain valley cliffs union apt suite services insurance foundation "
    "institute library building tower towers mall apartments medical dental pharmacy grill cafe bar inn "
    "resort arena hall house heights village store shop market"
)
"""What follows a name that is part of the name of a place, a street or a company."""
_TITLES = words(
    "mr mrs ms miss mister missus dr doctor prof professor officer detective sergeant captain nurse aunt uncle"
)
_ABBREVIATED = words("mr mrs ms dr prof")
_NAME_WORDS = words("name name's names surname surname's")
_GREETINGS = words("hi hello hey thanks thank dear bye goodbye")
_ASK = (
    ("speak", "to"), ("speak", "with"), ("speaking", "to"), ("speaking", "with"), ("talk", "to"), ("talking", "to"),
    ("talk", "with"), ("ask", "for"), ("asked", "for"), ("call", "me"), ("meet", "with"),
)  # fmt: skip
_AFTER_SELF = words("speaking calling here from with and at over in")
_NOT_NAMES_CAPITAL = words(
    "i i'm i'd i've i'll ok okay tv id pin usa us uk english spanish french german chinese monday tuesday "
    "wednesday thursday friday saturday sunday mr mrs ms dr miss visa mastercard amex apple google amazon "
    "windows excel god christmas easter thanksgiving alexa siri mercedes lexus kia ford"
)
_FAITHS = words(
    "baptist catholic lutheran methodist christian muslim jewish hindu buddhist protestant atheist democrat"
)
_PEOPLES = ("ian", "ean", "ish", "ese", "ist", "can", "lic", "crat", "ite", "lim", "jewish", "tarian")
"""How names of nations, faiths and parties end: "I'm Ghanaian" is no name."""
_BEFORE_PLACE = words("on near in onto outside")
MAX_NAME_WORDS = 4


def _base(word: str) -> str:
    """The word without a possessive ending."""
    return word[:-2] if word.endswith("'s") else word


class _Names:
    """One pass over a reading."""

    def __init__(self, reading: Reading, places: Collection[int], known: Collection[str]) -> None:
        self.reading = reading
        self.places = places
        self.known = known
        self.pieces = reading.pieces
        self.sure = first_names()
        self.also_words = first_names_also_words()
        self.surnames = surnames()
        self.found = Found()
        self.covered: set[int] = set()

    def in_a_sentence(self, place: int) -> bool:
        """Whether a capital at `place` says something: it is not the first word of a sentence."""
        return not self.reading.starts_turn(place) and not self.pieces[place - 1].ends_sentence

    def capital(self, piece: Piece) -> bool:
        """Whether the piece is written like a name."""
        word = piece.word
        return piece.capital and _base(word) not in _NOT_NAMES_CAPITAL and word not in MONTHS and not piece.figure

    def plausible(self, place: int) -> bool:
        """Whether the piece can be (part of) a name where a name is expected."""
        if place >= len(self.pieces) or place in self.reading.number_at:
            return False
        piece = self.pieces[place]
        if piece.figure or is_letter(piece):
            return False
        word = _base(piece.word)
        if self.reading.cased:
            listed = word in self.sure or word in self.surnames
            return (self.capital(piece) and (word not in NOT_NAMES or word in self.also_words)) or (
                listed and not piece.capital
            )
        return word not in NOT_NAMES

    def listed(self, place: int) -> bool:
        """Whether the piece is in a list of names and, in cased text, has its capital."""
        if place >= len(self.pieces):
            return False
        piece = self.pieces[place]
        word = _base(piece.word)
        if self.reading.cased and not self.capital(piece):
            return False
        return word in self.sure or word in self.surnames or word in self.also_words

    def grow(self, place: int, limit: int = MAX_NAME_WORDS) -> int:
        """The end of a name that starts at `place`: more names, an initial, a hyphenated part."""
        end = place + 1
        while end < len(self.pieces) and end - place < limit and end not in self.reading.dialog.barriers:
            piece = self.pieces[end]
            hyphen = piece.before is not None and piece.before in "-'’"
            if not hyphen and self.pieces[end - 1].after.strip(" -") not in ("", "."):
                break
            if self.pieces[end - 1].ends_sentence and len(self.pieces[end - 1].word) > 2:
                break
            if self.pieces[end - 1].word.endswith("'s"):
                break
            if hyphen and not piece.figure:
                end += 1
                continue
            word = piece.word
            initial = (
                is_letter(piece)
                and word not in "ai"
                and (piece.after.startswith(".") or not self.reading.cased or piece.capital)
            )
            if initial and self.plausible(end + 1) and not is_letter(self.pieces[min(end + 1, len(self.pieces) - 1)]):
                end += 1
                continue
            if not self.plausible(end):
                break
            known = self.listed(end)
            last = self.reading.ends_phrase(end + 1) or self.reading.word(end + 1) in NOT_NAMES
            if self.reading.cased or known or (end == place + 1 and last):
                end += 1
                continue
            break
        return end

    def add(self, first: int, end: int, confidence: float, rule: str) -> None:
        if self.pieces[first].word in _TITLES:
            first += 1
        if first >= end or any(place in self.covered for place in range(first, end)):
            return
        self.covered.update(range(first, end))
        self.found.hits.append(Hit(first, end, (Policy.PERSON_NAME,), confidence, rule))

    def run(self) -> Found:
        self.answers()
        for place in range(len(self.pieces)):
            if place not in self.covered:
                self.look_at(place)
        self.again()
        return self.found

    def look_at(self, place: int) -> None:
        """Try every cue that may stand right before `place`."""
        reading = self.reading
        before, earlier = reading.word(place - 1), reading.word(place - 2)
        if place in reading.dialog.barriers:
            before = earlier = ""
        direct = before == "surname" or (before == "name" and earlier in ("last", "first", "maiden", "middle", "full"))
        after_name = (
            (before in ("is", "was", "as") and earlier in _NAME_WORDS)
            or (before in ("name's", "names", "surname's") and earlier in ("my", "last", "first", "his", "her", "the"))
            or (direct and not self.pieces[place - 1].ends_sentence)
            or (before == "of" and earlier == "name")
            or before == "named"
            or (before == "me" and earlier == "call")
        )
        if after_name:
            self.after_cue(place)
            return
        if before in _TITLES and (before in _ABBREVIATED or not self.pieces[place - 1].ends_sentence):
            self.after_title(place)
            return
        word = _base(self.pieces[place].word)
        sure = word in self.sure
        if not sure and word not in self.also_words and not (reading.cased and self.pieces[place].capital):
            self.wait_for_self(place, before, earlier)
            return
        if reading.cased and not self.capital(self.pieces[place]):
            return
        example = before == "in" and earlier == "as"
        if place in self.places or example or before in _BEFORE_PLACE:
            return
        end = self.grow(place, 3)
        thing = reading.word(end) in _OF_THINGS and (not reading.cased or self.pieces[end].capital)
        if (thing and self.pieces[end - 1].after == "") or any(
            reading.word(inner) in _OF_THINGS for inner in range(place + 1, end)
        ):
            return
        if sure:
            self.add(place, end, 0.85, "first name")
            return
        self.after_weak_cue(place, before, earlier)

    def after_cue(self, place: int) -> None:
        if self.plausible(place) and not (self.reading.cased and not self.capital(self.pieces[place])):
            self.add(place, self.grow(place), 0.95, "after cue")
        elif self.listed(place) or (self.pieces[place].word in self.sure):
            self.add(place, self.grow(place), 0.9, "after cue")

    def after_title(self, place: int) -> None:
        capital = self.reading.cased and self.capital(self.pieces[place])
        if capital or (not self.reading.cased and self.listed(place) and self.pieces[place].word not in NOT_NAMES):
            self.add(place, self.grow(place, 3), 0.9, "title")

    def after_weak_cue(self, place: int, before: str, earlier: str) -> None:
        """Capitalised words, and first names that are also words, after "this is", "I'm", "ask for" and the like."""
        reading = self.reading
        word = _base(self.pieces[place].word)
        end = self.grow(place, 3)
        following = reading.word(end)
        introduced = (
            (before == "is" and earlier in ("this", "it"))
            or before in ("i'm", "it's")
            or (before == "am" and earlier == "i")
        )
        asked_for = any(pair == (earlier, before) for pair in _ASK)
        if reading.cased:
            if word in _FAITHS or (
                word.endswith(_PEOPLES) and word not in self.surnames and word not in self.also_words
            ):
                return
            place_name = word in places() or word in MONTHS
            given = word in self.also_words or (end > place + 1 and self.listed(place))
            surname_follows = end > place + 1 and (
                _base(self.pieces[place + 1].word) in self.surnames or _base(self.pieces[end - 1].word) in self.surnames
            )
            if place_name and not surname_follows:
                return
            if (
                word in self.surnames
                and end == place + 1
                and self.in_a_sentence(place)
                and not self.beside_capital(place)
            ):
                self.add(place, end, 0.6, "surname")
            elif word in self.also_words and surname_follows:
                self.add(place, end, 0.8, "first and last name")
            elif (
                introduced
                and self.in_a_sentence(place)
                and (given or following in _AFTER_SELF or reading.ends_phrase(end))
            ):
                if before != "it's" or given:
                    self.add(place, end, 0.8, "introduced")
            elif self.addressed(place, end, before, earlier):
                self.add(place, end, 0.75, "addressed")
            elif asked_for or (
                word in self.also_words and self.in_a_sentence(place) and before not in ("the", "a", "an", "in", "from")
            ):
                self.add(place, end, 0.65, "first name")
            return
        closed = end > place + 1 or following in _AFTER_SELF or reading.ends_phrase(end)
        if (introduced or asked_for) and closed and word not in NOT_NAMES and (before != "it's" or end > place + 1):
            self.add(place, end, 0.75, "introduced")

    def beside_capital(self, place: int) -> bool:
        """Whether the capitalised word is one of several: then it may be the name of anything."""
        before, after = self.pieces[place - 1], self.pieces[min(place + 1, len(self.pieces) - 1)]
        first = place - 1 == 0 or self.pieces[place - 2].ends_sentence
        return (before.capital and before.word != "i" and not first) or (
            place + 1 < len(self.pieces) and after.capital and after.word != "i"
        )

    def addressed(self, place: int, end: int, before: str, earlier: str) -> bool:
        """ "Hi Soren." "Thank you, Wren." "How do you spell Wren?" """
        if (
            place in self.reading.dialog.barriers
            or not self.reading.ends_phrase(end)
            or self.pieces[place - 1].ends_sentence
        ):
            return False
        return before in _GREETINGS or (before == "you" and earlier == "thank") or before == "spell"

    def wait_for_self(self, place: int, before: str, earlier: str) -> None:
        """ "this is X speaking" with a name in no list."""
        reading = self.reading
        if not (before == "is" and earlier == "this") or reading.cased or self.pieces[place].word in NOT_NAMES:
            return
        end = place + 2
        if reading.word(place + 1) in self.surnames and (reading.word(end) in NOT_NAMES or reading.ends_phrase(end)):
            self.add(place, end, 0.75, "introduced")
            return
        for end in (place + 1, place + 2):
            if reading.word(end) in ("speaking", "calling"):
                self.add(place, end, 0.85, "introduced")
                return
            if end >= len(self.pieces):
                if not reading.complete:
                    self.found.leave_open(place)
                return
            if self.pieces[end].word in NOT_NAMES:
                return

    def answers(self) -> None:
        """What is said first after the other party asked for a name."""
        dialog = self.reading.dialog
        for turn, start in zip(dialog.turns, dialog.turn_starts, strict=True):
            topics = {cue.topic for cue in turn.cues}
            if Topic.NAME in topics and start < len(self.pieces):
                self.answer(start)

    def answer(self, start: int) -> None:
        reading = self.reading
        size = len(self.pieces)
        place = start
        while (
            place < size
            and place - start < 6
            and self.pieces[place].word in CARRIERS | FILLERS | _NAME_WORDS | {"last", "first"}
        ):
            if place > start and place in reading.dialog.barriers:
                return
            place += 1
        if place >= size or place in self.covered or not self.plausible(place):
            return
        if reading.cased and not self.capital(self.pieces[place]):
            return
        end = self.grow(place)
        small = end == place + 1 and end < size and self.pieces[place].after == "" and not self.pieces[end].capital
        if reading.cased and small and reading.word(end) not in NOT_NAMES and reading.ends_phrase(end + 1):
            end += 1
        closed = reading.ends_phrase(end) or reading.word(end) in NOT_NAMES or is_letter(self.pieces[end])
        if reading.cased or self.listed(place) or (closed and end - place <= 3):
            if end < size or reading.complete or reading.cased or self.listed(place):
                self.add(place, end, 0.85, "answer")
            else:
                self.found.leave_open(place)

    def again(self) -> None:
        """Names found for good cause are covered wherever else they are said."""
        words: set[str] = set(self.known)
        for hit in self.found.hits:
            for piece in self.pieces[hit.first : hit.end]:
                word = _base(piece.word)
                if len(word) >= 3 and word not in NOT_NAMES and word not in self.also_words and word not in MONTHS:
                    words.add(word)
        for place, piece in enumerate(self.pieces):
            if place not in self.covered and _base(piece.word) in words:
                if self.reading.cased and not piece.capital:
                    continue
                self.add(place, place + 1, 0.8, "said again")


def find(reading: Reading, places: Collection[int]) -> Found:
    """All names of persons that are not spelled. `places`: pieces of places and addresses."""
    return _Names(reading, places, _heard_from_the_other(reading)).run()


def _heard_from_the_other(reading: Reading) -> set[str]:
    """Words of names the other party said: the speaker may say them again."""
    words: set[str] = set()
    for turn, start in zip(reading.dialog.turns, reading.dialog.turn_starts, strict=True):
        if turn.pieces:
            words |= _names_in(turn.text, " ".join(reading.dialog.words[max(0, start - 12) : start]))
    return words


@lru_cache(maxsize=TEXTS_KEPT)
def _names_in(text: str, asked: str) -> frozenset[str]:
    """Words of names in what one party said after the other `asked`."""
    pieces = cut(text.split())
    numbers = read_numbers(pieces)
    heard = Reading(
        pieces,
        numbers,
        Dialog(pieces, (OtherTurn(0, asked),) if asked else ()),
        is_cased(pieces),
        True,
        number_at={number.first: number for number in numbers},
    )
    words = {
        _base(piece.word)
        for hit in _Names(heard, (), ()).run().hits
        if hit.confidence >= 0.8
        for piece in pieces[hit.first : hit.end]
    }
    return frozenset(word for word in words if len(word) >= 3 and word not in NOT_NAMES and word not in MONTHS)
