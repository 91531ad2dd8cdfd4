"""Names of persons: after cues and titles, in answers to "your name?", well-known first names, and names said again."""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.pii.context import Topic
from gateway.pii.gazetteer import first_names, first_names_also_words, places, surnames
from gateway.pii.lexicon import CARRIERS, FILLERS, MONTHS, NUMBER_WORDS, words
from gateway.pii.pieces import Piece
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import is_letter

_STOP = (
    CARRIERS
    | FILLERS
    | NUMBER_WORDS
    | words(
        "and i i'm i'd i've i'll calling call called from speaking here with on at for to do does did is are "
        "was were but or if the a an can could how what when where why who which my your you his her our "
        "their we he she they he's she's we're you're they're that this these those it we'll us me him them "
        "please in by of as about into out up down over spelled spelling spell thank thanks no not don't "
        "didn't doesn't isn't can't won't hi hello hey date birth will would should may might must have has "
        "had having get got need want like know think see look going go come back let let's there then than "
        "because also still again already correct wrong same different account number phone email address "
        "order card name names under good great fine ready sorry wait hold help trying looking just really "
        "very much many some any all every each other another one's before after now today tomorrow yesterday "
        "tonight morning afternoon evening monday tuesday wednesday thursday friday saturday sunday mr mrs ms "
        "miss dr doctor professor sir ma'am madam talking last first middle full legal maiden customer "
        "service department support team billing sales technical calls line phone's ma'm afraid happy glad "
        "interested sure calling's able unable from's without using regarding concerning wondering checking "
        "asking hoping returning following making paying on's available gonna wanna gotta kind quite too only "
        "never always maybe probably actually home work someone somebody anyone anybody everyone everybody "
        "nobody something anything nothing everything perfect wonderful excellent welcome bye goodbye common "
        "short long it'll there's what's where's how's who's that'll you'll use used set right left okay new "
        "old capital letter letters double triple hyphen dash dot both together question questions tired late "
        "busy moving married single retired that'd problem problems issue issues"
    )
)

_TITLES = words(
    "mr mrs ms miss mister missus dr doctor prof professor officer detective sergeant captain nurse aunt uncle"
)
_NAME_WORDS = words("name name's names surname surname's")
_GREETINGS = words("hi hello hey thanks thank dear sorry okay ok alright right well yes and great perfect bye")
_ASK = (
    ("speak", "to"), ("speak", "with"), ("speaking", "to"), ("speaking", "with"), ("talk", "to"), ("talking", "to"),
    ("talk", "with"), ("ask", "for"), ("asked", "for"), ("call", "me"), ("meet", "with"), ("reach", "out"), ("named", ""),
)  # fmt: skip
_AFTER_SELF = words("speaking calling here from with and")
_NOT_NAMES_CAPITAL = words(
    "i i'm i'd i've i'll ok okay tv id pin usa us uk english spanish french german chinese monday tuesday "
    "wednesday thursday friday saturday sunday mr mrs ms dr miss visa mastercard amex apple google amazon "
    "windows excel god christmas easter thanksgiving alexa siri mercedes lexus kia ford"
)
MAX_NAME_WORDS = 4


def _base(word: str) -> str:
    """The word without a possessive ending."""
    return word[:-2] if word.endswith("'s") else word


class _Names:
    """One pass over a reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
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
            return (self.capital(piece) and (word not in _STOP or word in self.also_words)) or (
                listed and not piece.capital
            )
        return word not in _STOP

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
            last = self.reading.ends_phrase(end + 1) or self.reading.word(end + 1) in _STOP
            if self.reading.cased or known or (end == place + 1 and last):
                end += 1
                continue
            break
        return end

    def add(self, first: int, end: int, confidence: float, rule: str) -> None:
        if any(place in self.covered for place in range(first, end)):
            return
        self.covered.update(range(first, end))
        self.found.hits.append(Hit(first, end, (Policy.PERSON_NAME,), confidence, rule))

    def run(self) -> Found:
        for place in range(len(self.pieces)):
            if place not in self.covered:
                self.look_at(place)
        self.answers()
        self.again()
        return self.found

    def look_at(self, place: int) -> None:
        """Try every cue that may stand right before `place`."""
        reading = self.reading
        before, earlier = reading.word(place - 1), reading.word(place - 2)
        if place in reading.dialog.barriers:
            before = earlier = ""
        after_name = (
            (before in ("is", "was", "as") and earlier in _NAME_WORDS)
            or (before in ("name's", "names", "surname's") and earlier in ("my", "last", "first", "his", "her", "the"))
            or (before == "surname" or (before == "name" and earlier in ("last", "first", "maiden", "middle", "full")))
            or (before == "of" and earlier == "name")
            or before == "named"
            or (before == "me" and earlier == "call")
        )
        if after_name:
            self.after_cue(place)
            return
        if before in _TITLES and not self.pieces[place - 1].ends_sentence | (before in ("mr", "mrs", "ms", "dr")):
            self.after_title(place)
            return
        if before in _TITLES and before in ("mr", "mrs", "ms", "dr"):
            self.after_title(place)
            return
        word = _base(self.pieces[place].word)
        sure = word in self.sure
        if not sure and word not in self.also_words and not (reading.cased and self.pieces[place].capital):
            self.wait_for_self(place, before, earlier)
            return
        if reading.cased and not self.capital(self.pieces[place]):
            return
        if sure:
            self.add(place, self.grow(place, 3), 0.85, "first name")
            return
        self.after_weak_cue(place, before, earlier)

    def after_cue(self, place: int) -> None:
        if self.plausible(place) and not (self.reading.cased and not self.capital(self.pieces[place])):
            self.add(place, self.grow(place), 0.95, "after cue")
        elif self.listed(place) or (self.pieces[place].word in self.sure):
            self.add(place, self.grow(place), 0.9, "after cue")

    def after_title(self, place: int) -> None:
        capital = self.reading.cased and self.capital(self.pieces[place])
        if capital or (not self.reading.cased and self.listed(place) and self.pieces[place].word not in _STOP):
            self.add(place, self.grow(place, 3), 0.9, "title")

    def after_weak_cue(self, place: int, before: str, earlier: str) -> None:
        """Capitalised words, and first names that are also words, after "this is", "I'm", "Is ... there?" and the like."""
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
            place_name = word in places() or word in MONTHS
            given = word in self.also_words or (end > place + 1 and self.listed(place))
            surname_follows = end > place + 1 and (
                _base(self.pieces[place + 1].word) in self.surnames or _base(self.pieces[end - 1].word) in self.surnames
            )
            if place_name and not surname_follows:
                return
            if word in self.also_words and surname_follows:
                self.add(place, end, 0.8, "first and last name")
            elif (
                introduced
                and self.in_a_sentence(place)
                and (given or following in _AFTER_SELF or reading.ends_phrase(end))
            ):
                if before != "it's" or given:
                    self.add(place, end, 0.8, "introduced")
            elif asked_for or (
                word in self.also_words and self.in_a_sentence(place) and before not in ("the", "a", "an", "in", "from")
            ):
                self.add(place, end, 0.65, "first name")
            return
        if (
            (introduced or asked_for)
            and word not in _STOP
            and (end > place + 1 or following in _AFTER_SELF or reading.ends_phrase(end))
        ):
            if not (before == "it's" and end == place + 1):
                self.add(place, end, 0.75, "introduced")

    def wait_for_self(self, place: int, before: str, earlier: str) -> None:
        """ "this is X speaking" with a name in no list."""
        reading = self.reading
        if not (before == "is" and earlier == "this") or reading.cased or self.pieces[place].word in _STOP:
            return
        for end in (place + 1, place + 2):
            if reading.word(end) in ("speaking", "calling"):
                self.add(place, end, 0.85, "introduced")
                return
            if end >= len(self.pieces):
                if not reading.complete:
                    self.found.leave_open(place)
                return
            if self.pieces[end].word in _STOP:
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
        closed = reading.ends_phrase(end) or reading.word(end) in _STOP or is_letter(self.pieces[end])
        if reading.cased or self.listed(place) or (closed and end - place <= 3):
            if end < size or reading.complete or reading.cased or self.listed(place):
                self.add(place, end, 0.85, "answer")
            else:
                self.found.leave_open(place)

    def again(self) -> None:
        """Names found for good cause are covered wherever else they are said."""
        words: set[str] = set()
        for hit in self.found.hits:
            for piece in self.pieces[hit.first : hit.end]:
                word = _base(piece.word)
                if len(word) >= 3 and word not in _STOP and word not in self.also_words and word not in MONTHS:
                    words.add(word)
        for place, piece in enumerate(self.pieces):
            if place not in self.covered and _base(piece.word) in words:
                if self.reading.cased and not piece.capital:
                    continue
                self.add(place, place + 1, 0.8, "said again")


def find(reading: Reading) -> Found:
    """All names of persons that are not spelled."""
    return _Names(reading).run()
