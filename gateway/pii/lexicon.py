"""The words numbers, letters, months and small talk are made of, as a recogniser writes them (lower case)."""

from __future__ import annotations

from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of `text` as a set."""
    return frozenset(text.split())


DIGITS: Final = {
    "zero": 0, "nought": 0, "naught": 0, "nil": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "niner": 9,
}  # fmt: skip
"""Words for one digit. "oh" and "o" count only beside another digit."""

TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip

TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip

SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}

REPEATS: Final = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}

ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip

MONTHS: Final = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "apr": 4, "aug": 8, "sept": 9, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip

MONTHS_THAT_ARE_WORDS: Final = frozenset({"may", "march", "august", "sep", "dec"})
"""Month words that mean something else as often: they need a day, a year or a preposition beside them."""

HOMOPHONES: Final = {
    "to": 2, "too": 2, "tu": 2, "for": 4, "fore": 4, "ate": 8, "won": 1, "wan": 1, "tree": 3, "free": 3, "sex": 6,
    "sicks": 6, "bye": 5, "by": 5, "buy": 5, "high": 5, "sick": 6, "nein": 9, "nigh": 9, "dino": 0, "uno": 1, "tee": 3,
    "fife": 5, "or": 0, "fine": 5, "hive": 5,
    "aid": 8, "ait": 8, "eat": 8, "owe": 0, "ohh": 0, "seben": 7, "heaven": 7, "tue": 2, "nina": 9, "line": 9,
    "zeros": 0, "zeroes": 0, "ones": 1, "twos": 2, "threes": 3, "fours": 4, "fives": 5, "sixes": 6, "sevens": 7,
    "eights": 8, "nines": 9, "siro": 0, "zeal": 0, "hero": 0, "thee": 3, "wine": 9, "eighth": 8,
}  # fmt: skip
"""What a recogniser writes for a digit it misheard. They count only inside a run of digits."""

PHONETIC_ALPHABET: Final = words(
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november "
    "oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
)

FILLERS: Final = words("uh um er erm uhm umm hmm hm mm mmm ah eh uhh")

CORRECTIONS: Final = words(
    "no not sorry scratch wait actually rather mean correction oops excuse pardon apologies strike nope"
)
"""A word of a self-correction: "no, sorry, six one two"."""

LINKS: Final = words(
    "i that that's thats and then dash hyphen space slash minus point dot let me see it's its is okay ok "
    "yeah yes so the was supposed be other one's comma again my"
)
"""Words that may stand between two pieces of one number beside corrections and fillers."""

JOINERS: Final = words("dash hyphen slash minus space point dot")
"""Spoken separators inside a number: "five five five dash one two"."""

BACKCHANNEL: Final = words(
    "uh huh uh-huh okay ok mm hmm mhm mm-hmm yes yeah yep yup right alright all sure go on ahead got it "
    "gotcha good great perfect thanks thank you alrighty and then i'm i am ready listening please "
    "continue um er ah oh so far see hm fine excellent wonderful cool correct that's a moment one sorry "
    "keep going next of course no problem"
)
"""What the other party says to keep the speaker going: it neither ends a number nor asks for another thing."""

UNITS: Final = words(
    "minute minutes min mins hour hours hrs day days night nights week weeks weekend weekends month "
    "months year years second seconds decade decades percent percentage degrees times people persons "
    "guests kids children items things inch inches foot feet yards meters metres miles mile kilometers km "
    "gallon gallons pounds lbs ounces oz grams kilos milligrams mg liters litres ml o'clock am pm a.m p.m "
    "units boxes bags pieces pair pairs bedrooms bedroom rooms room bathrooms tickets seats passengers "
    "tables players stories floors aisles tablets pills doses cups packs copies pages hundredths gig gigs "
    "gigabytes megs megabytes channels stars points cars dogs cats of megahertz hertz watts volts acres "
    "square-feet business working more other different separate or sons daughters brothers sisters "
    "siblings"
)
"""Words after a number that make it a quantity."""

MONEY_UNITS: Final = words(
    "dollar dollars buck bucks cent cents euro euros quid usd grand dime dimes nickels pence rupees yen francs pesos"
)

NUMBER_STOP: Final = words(
    "of or minutes minute hours hour dollars cents percent times a an the is are was were and but because "
    "so with from in on at by people kids days weeks months years year day week month o'clock am pm i you "
    "he she we they it my your his her our their this that these those which who what when where how if "
    "then than as have has had do does did can could will would should may might must not no yes expires "
    "expiration code ending account card number routing security name zip street avenue road extension "
    "more less about over under each per plus things thing way ways point half quarter other last first "
    "next please thank thanks okay hello hi bye good right well just only also even still there here "
    "going get got need want like know think said say call me us them dot underscore apartment unit suite "
    "lane drive court"
)
"""Ordinary words that a misheard digit is never taken for."""

NOT_AN_EDGE: Final = words(
    "my is number numbers and for the we you i've have got get let me see just use please area code card "
    "visa it to on called call account phone cell social one's of or but with in at from he she they his "
    "her their our starts begins starting amex mastercard discover one old new that's"
)
"""Words right before a dictated number that are no misheard part of it."""

CARRIERS: Final = words(
    "it's its it is yes yeah yep sure okay ok so um uh that's thats that would be the my name's name well "
    "hi hello oh of course i'm im i am this here's here and actually just first last full names no "
    "problem alright right certainly absolutely a ah er full-name surname middle you can call me"
)
"""How an answer begins before what was asked for."""

LETTER_NAMES: Final = {
    "bee": "b", "cee": "c", "dee": "d", "ef": "f", "eff": "f", "gee": "g", "aitch": "h", "haitch": "h", "jay": "j",
    "kay": "k", "el": "l", "ell": "l", "em": "m", "en": "n", "pee": "p", "cue": "q", "ar": "r", "ess": "s",
    "vee": "v", "ex": "x", "wye": "y", "zee": "z", "zed": "z",
}  # fmt: skip
"""Letters written by their names: they count only beside other spelled letters."""

NUMBER_WORDS: Final = frozenset({*DIGITS, *TEENS, *TENS, *SCALES, *REPEATS, *ORDINALS})

NOT_NAMES: Final = (
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
        "busy moving married single retired that'd problem problems issue issues tell tells told held sell"
    )
)
"""Ordinary words that are no name where a name is expected."""
