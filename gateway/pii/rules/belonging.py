"""When a listed word is a faith, a political view, a language or a nationality, and when it is none of them."""

from __future__ import annotations

from typing import Final

from gateway.pii.lexicon import words
from gateway.pii.phrases import Match, plain
from gateway.pii.rules.reading import Reading
from gateway.pii.rules.wording import RELATIVES, asked, closes, describes, named, within

_PEOPLE: Final = RELATIVES | words(
    "man woman men women guy guys lady ladies person persons citizen citizens national nationals passport immigrant "
    "immigrants immigration family families descent heritage origin origins ancestry ancestors background roots "
    "community communities nationality citizenship ethnicity american americans born blood side descendant speakers "
    "student students girl girls boy boys couple couples gentleman accent population refugee refugees migrant "
    "migrants visa embassy consulate consul citizen's resident residents males females male female parents teacher"
)
_THINGS: Final = words(
    "food foods restaurant restaurants cuisine dressing bread fries toast press bath baths delight coffee muffin "
    "muffins sauce sausage sausages shepherd shepherds bulldog bulldogs terrier terriers mastiff setter retriever "
    "pinscher spaniel wolfhound car cars automobile cheese chocolate wine wines beer vodka whiskey whisky tea rug "
    "rugs carpet roulette knot oven door doors window windows cut pastry waffle waffles waffle's tourister express "
    "airlines airways eagle idol girl's dream history literature art takeout takeaway buffet salad pie pancakes "
    "horn twist kiss leave braid polish remover patience ale breakfast mustard market markets stocks dollar dollars "
    "pesos lira pounds franc yen government army navy war revolution movie movies film opera music dance dancing "
    "chess defense flag border embargo open grand meatballs cheese's bacon checkers onion soup manicure vanilla "
    "bean beans black orange oranges lessons class classes course"
)
_BEFORE_LANGUAGE: Final = words(
    "in into speak speaks speaking spoke spoken understand understands understood learn learns learning learned "
    "fluent study studies studying studied translate translated read reads reading write writes wrote writing "
    "prefer prefers know knows teach teaches taught native conversational broken basic some little much no "
    "any good better perfect for talk talks talking say said with and or to press from accented use uses using"
)
_STRONG_BEFORE_LANGUAGE: Final = words(
    "in speak speaks speaking spoke spoken understand learn learning fluent translate into study studying talk talks"
)
_AFTER_LANGUAGE: Final = words(
    "speaking speaker speakers language interpreter interpreters translator translators translation version "
    "subtitles please or class classes lessons lesson course dictionary accent literature teacher fluently"
)
_LANGUAGE_TALK: Final = words(
    "language languages speak speaks speaking fluent translate interpreter translator english"
)
_ASK_LANGUAGE: Final = words("language languages speak interpreter translator english")
_ASK_ORIGIN: Final = words("nationality ethnicity ethnic citizenship citizen race heritage origin passport from")
_ASK_FAITH: Final = words("religion religious faith denomination church chaplain worship spiritual")
_ASK_VIEW: Final = words("party political politics vote voter voting affiliation registered politically")
_FAITH_AFTER: Final = words(
    "church faith religion family household school upbringing chaplain priest pastor community holiday holidays "
    "tradition service services wedding background temple man woman people couple values mass believer"
)
_BEFORE_FAITH: Final = words("a devout evangelical practicing orthodox nondenominational born again as of the raised")
_NOT_FAITH: Final = words("oats dior louboutin bale slater")
_VOTE: Final = words("vote voted voting votes lean leans leaning registered voter supporter elected party")
_VIEW_AFTER: Final = words(
    "party parties voter voters candidate candidates nominee primary ticket convention senator governor congressman "
    "politician politicians politics views view side caucus supporter supporters leaning wing"
)
_NOT_VIEW: Final = words(
    "decision decisions process estimate estimates amount arts contractor contractors study living insurance film "
    "guess approach dose temperature dressing application lens lenses exercise"
)


def religion(reading: Reading, match: Match) -> float:
    """A faith or its member. "Christian" is a name as often."""
    after = plain(reading.word(match.end))
    if after in _NOT_FAITH:
        return 0.0
    if match.term.sure:
        return 0.85
    if after in _FAITH_AFTER or asked(reading, match.first, _ASK_FAITH):
        return 0.8
    before = reading.word(match.first - 1)
    plural = reading.word(match.end - 1).endswith("s")
    if describes(reading, match.first) and closes(reading, match.end) and (before in _BEFORE_FAITH or plural):
        return 0.75
    return 0.6 if before in ("we're", "are") and closes(reading, match.end) else 0.0


def politics(reading: Reading, match: Match) -> float:
    """A party, movement or view. "Liberal", "independent", "moderate" are ordinary words too."""
    after = plain(reading.word(match.end))
    if after in _NOT_VIEW:
        return 0.0
    if match.term.sure:
        return 0.85
    if after in _VIEW_AFTER:
        return 0.8
    before = reading.word(match.first - 1)
    if before in _VOTE or (before in ("for", "by", "a") and within(reading, match.first, 4, _VOTE)):
        return 0.75
    if asked(reading, match.first, _ASK_VIEW) and closes(reading, match.end):
        return 0.75
    plural = reading.word(match.end - 1).endswith("s") and before in ("the", "all", "most", "many", "young")
    article = before in ("a", "an", "politically", "fiscally", "socially", "very", "pretty")
    said = describes(reading, match.first) and article and closes(reading, match.end)
    return 0.7 if said or plural or (named(reading, match.first) and closes(reading, match.end)) else 0.0


def language(reading: Reading, match: Match) -> float:
    """A language that is spoken, written, learnt or asked for."""
    used = _as_language(reading, match)
    return max(used, 0.85) if match.term.sure and reading.word(match.end) not in _THINGS else used


def _as_language(reading: Reading, match: Match) -> float:
    before, after = reading.word(match.first - 1), reading.word(match.end)
    if after in _THINGS and after not in ("lessons", "class", "classes", "course", "literature"):
        return 0.0
    if before in _STRONG_BEFORE_LANGUAGE or after in ("speaking", "speaker", "speakers", "language", "interpreter"):
        return 0.9
    if reading.word(match.end) in _PEOPLE:
        return 0.0
    if before in _BEFORE_LANGUAGE and (within(reading, match.first, 7, _LANGUAGE_TALK) or after in _AFTER_LANGUAGE):
        return 0.85
    if asked(reading, match.first, _ASK_LANGUAGE) and not describes(reading, match.first):
        return 0.8
    if after in _AFTER_LANGUAGE and after != "or":
        return 0.75
    return 0.6 if reading.word(match.first) == "english" and reading.word(match.end - 1) == "english" else 0.0


def nationality(reading: Reading, match: Match) -> float:
    """Where somebody is from, or of what people; not the word for a dish, a breed or a language."""
    if match.end - match.first == 1 and reading.word(match.end) not in _PEOPLE and _as_language(reading, match):
        return 0.0
    first, end = match.first, match.end
    after, last = plain(reading.word(end)), reading.word(end - 1)
    if after in _THINGS and after not in _PEOPLE:
        return 0.0
    if reading.cased and not reading.pieces[first].capital and not match.term.sure:
        return 0.0
    if describes(reading, first):
        lonely = reading.word(first - 1) not in ("the", "his", "my", "her", "our")
        return 0.9 if after in _PEOPLE or closes(reading, end) else 0.6 * lonely
    if after in _PEOPLE:
        return 0.85
    if asked(reading, first, _ASK_ORIGIN) and closes(reading, end):
        return 0.8
    if match.end - match.first > 1:
        return 0.8
    if not match.term.sure:
        return 0.0
    if last.endswith(("ans", "men", "women", "man", "woman", "ites", "iards")):
        return 0.75
    return 0.55 if closes(reading, end) else 0.0
