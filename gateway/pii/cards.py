"""A card for every policy: what it is, how it is found, what it sounds like; and reading policies from an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.core.policy import Policy

BY_RULES: Final = "rules"
NOT_YET: Final = "trained tagger: not yet found by this version"


@dataclass(frozen=True, slots=True)
class Card:
    """`what` the policy covers, `found_by` (`BY_RULES` or `NOT_YET`), `how` in words, spoken `examples`."""

    what: str
    found_by: str
    how: str
    examples: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether this version finds it."""
        return self.found_by == BY_RULES


def _rules(what: str, how: str, *examples: str) -> Card:
    return Card(what, BY_RULES, how, examples)


def _tagger(what: str, *examples: str) -> Card:
    return Card(what, NOT_YET, "needs the meaning of the sentence", examples)


CARDS: Final[Mapping[Policy, Card]] = MappingProxyType(
    {
        Policy.BANKING_INFORMATION: _rules(
            "account and routing numbers, sort codes, IBAN",
            "cue or question, ABA and IBAN checksums, length",
            "routing oh two one, three six one, oh eight seven",
            "the checking account ends in three three oh nine",
        ),
        Policy.BLOOD_TYPE: _tagger("somebody's blood type", "I'm O positive"),
        Policy.CREDIT_CARD_CVV: _rules(
            "the security code of a card",
            "cue or question, three or four digits after a card's number or expiration",
            "the three digits on the back are five one five",
        ),
        Policy.CREDIT_CARD_EXPIRATION: _rules(
            "month and year until which a card is valid",
            "cue or question, month and year after a card's number",
            "expires oh nine twenty eight",
            "good through April twenty seven",
        ),
        Policy.CREDIT_CARD_NUMBER: _rules(
            "the number of a payment card, or its last digits",
            "Luhn checksum, thirteen to nineteen digits, cue or question even when a digit was misheard",
            "four two four two, four two four two, double four double two, four two four two",
            "the Visa ending in four two four two",
        ),
        Policy.DATE: _rules(
            "calendar dates; not weekdays, relative days, clock times or durations",
            "month with day or year, dates in figures, the day of a month, a year after in or since",
            "March twenty ninth",
            "the fifteenth of October",
        ),
        Policy.DATE_OF_BIRTH: _rules(
            "when somebody was born",
            "a date, or digits that can be one, after a cue or question about birth",
            "I was born May ninth, nineteen seventy one",
            "four seven sixty four",
        ),
        Policy.DRIVERS_LICENSE: _rules(
            "the number of a driver's licence",
            "letters and digits after a cue or question",
            "my license is b two two nine, four four one seven",
        ),
        Policy.DRUG: _tagger("medicines", "I take Lipitor at night"),
        Policy.EMAIL_ADDRESS: _rules(
            "e-mail addresses, written or spoken",
            "an at sign, or at with a domain after it and what is dictated before it",
            "john dot smith at gmail dot com",
        ),
        Policy.EVENT: _tagger("holidays, wars, conferences and other named events", "we're closed for Thanksgiving"),
        Policy.INJURY: _tagger("bodily harm somebody came to", "I twisted my knee"),
        Policy.LANGUAGE: _tagger("names of languages", "do you speak Mandarin"),
        Policy.LOCATION: _rules(
            "addresses, house numbers, zip codes, cities, states, countries",
            "house number and street, cue or question, lists of states, countries and large cities; other places only "
            "as answers",
            "two eighty eight Juniper Street, Asheville, North Carolina",
            "the zip is three oh three oh seven",
        ),
        Policy.MEDICAL_CONDITION: _tagger("diseases and disorders", "he has kidney disease"),
        Policy.MEDICAL_PROCESS: _tagger("treatments, operations and examinations", "I had an endoscopy"),
        Policy.MONEY_AMOUNT: _rules(
            "amounts of money",
            "a number with a currency, or a bare number after talk of a price",
            "a hundred and twelve dollars and thirty cents",
            "the total is forty seven fifty",
        ),
        Policy.NATIONALITY: _tagger("nationality or ethnic origin", "we're Samoan"),
        Policy.NUMBER_SEQUENCE: _rules(
            "any number of two digits or more, and digits or numbers said in a row",
            "every dictated or written number",
            "the door code is two two oh six",
            "one time passcode eight eight four two one three",
        ),
        Policy.OCCUPATION: _tagger("somebody's job", "my son's a paramedic"),
        Policy.ORGANIZATION: _tagger("companies, schools, agencies", "I work at Redwood Plumbing Supply"),
        Policy.PERSON_AGE: _rules(
            "how old somebody is: the number only",
            "years old, turned, after a question about age",
            "I'm sixty four",
            "my ten-year-old",
        ),
        Policy.PERSON_NAME: _rules(
            "names of persons, spelled ones too",
            "cue, title or question, well-known first names, spelled letters, and names said again; a name that no "
            "list holds and no cue announces is not found",
            "my name is Felicia Montrose",
            "Jones, J O N E S",
        ),
        Policy.PHONE_NUMBER: _rules(
            "phone numbers, area codes and extensions",
            "cue or question, seven, ten or eleven digits",
            "call me on five five five, oh one nine two",
        ),
        Policy.POLITICAL_AFFILIATION: _tagger("party or political view", "I'm a moderate Democrat"),
        Policy.RELIGION: _tagger("faith or denomination", "we're Lutheran"),
        Policy.US_SOCIAL_SECURITY_NUMBER: _rules(
            "US social security numbers, or their last digits",
            "cue or question, nine digits in a range that is issued",
            "my social is two three three, six four, nine oh one eight",
        ),
    }
)
"""The card of every policy, by name."""


def policies_table() -> str:
    """The cards as a Markdown table, for the documentation."""
    rows = ["| Policy | What it is | Found by | How | Spoken examples |", "| --- | --- | --- | --- | --- |"]
    for policy in sorted(Policy):
        card = CARDS[policy]
        examples = "; ".join(f'"{example}"' for example in card.examples)
        rows.append(f"| `{policy}` | {card.what} | {card.found_by} | {card.how} | {examples} |")
    return "\n".join(rows) + "\n"
