"""What the rule detector finds, by policy, in the forms a recogniser writes."""

from __future__ import annotations

import pytest

from gateway.core.detection import Detection, OtherTurn, Token, Utterance
from gateway.core.policy import DEFAULT_POLICIES, Policy
from gateway.pii.detector import RuleDetector

ALL = DEFAULT_POLICIES
PHONE, SSN, CARD = Policy.PHONE_NUMBER, Policy.US_SOCIAL_SECURITY_NUMBER, Policy.CREDIT_CARD_NUMBER
EXPIRY, CVV, BANK = Policy.CREDIT_CARD_EXPIRATION, Policy.CREDIT_CARD_CVV, Policy.BANKING_INFORMATION
BIRTH, DATE, AGE, MONEY = Policy.DATE_OF_BIRTH, Policy.DATE, Policy.PERSON_AGE, Policy.MONEY_AMOUNT
EMAIL, LICENSE, NAME, PLACE = Policy.EMAIL_ADDRESS, Policy.DRIVERS_LICENSE, Policy.PERSON_NAME, Policy.LOCATION
SEQUENCE = Policy.NUMBER_SEQUENCE


def utterance(said: str, asked: str = "", complete: bool = True) -> Utterance:
    """`said` may hold turns of the other party in braces: "four one {uh-huh} three"."""
    tokens: list[Token] = []
    others = [OtherTurn(0, asked)] if asked else []
    for number, part in enumerate(said.replace("}", "{").split("{")):
        if number % 2:
            others.append(OtherTurn(len(tokens), part))
        else:
            tokens.extend(Token(word) for word in part.split())
    return Utterance(tuple(tokens), tuple(others), complete)


def covered(spoken: Utterance, detection: Detection, policy: Policy) -> list[str]:
    found = []
    for finding in detection.findings:
        if finding.policy is policy:
            words = [token.text for token in spoken.tokens[finding.first : finding.end]]
            words[-1] = words[-1][: finding.end_char]
            words[0] = words[0][finding.start_char :]
            found.append(" ".join(words))
    return found


def find(said: str, policy: Policy, asked: str = "", selected: frozenset[Policy] = ALL) -> list[str]:
    spoken = utterance(said, asked)
    return covered(spoken, RuleDetector(selected).detect(spoken), policy)


@pytest.mark.parametrize(
    ("policy", "asked", "said", "expected"),
    [
        (PHONE, "", "my number is 610-265-1714.", ["610-265-1714"]),
        (
            PHONE,
            "",
            "call me at six one oh, two six five, seventeen fourteen",
            ["six one oh, two six five, seventeen fourteen"],
        ),
        (
            PHONE,
            "And your phone number?",
            "seven seven nine five five zero one nine eight five",
            ["seven seven nine five five zero one nine eight five"],
        ),
        (
            PHONE,
            "",
            "my number is four one three five five five oh one nine",
            ["four one three five five five oh one nine"],
        ),
        (
            PHONE,
            "",
            "it's two oh three nine one eight forty four fifty five",
            ["two oh three nine one eight forty four fifty five"],
        ),
        (
            PHONE,
            "",
            "my cell is four one three {uh-huh} five five five {okay} double oh one nine",
            ["four one three five five five double oh one nine"],
        ),
        (
            PHONE,
            "Number?",
            "six one oh, no, sorry, six one two, five five five, oh one nine two",
            ["six one oh", "six one two, five five five, oh one nine two"],
        ),
        (
            PHONE,
            "your phone number please",
            "four one dino five five tree oh one ate two",
            ["four one dino five five tree oh one ate two"],
        ),
        (PHONE, "", "my work number is 312 404 9000, extension 227.", ["312 404 9000", "227"]),
        (
            SSN,
            "",
            "my social is two three three six four nine zero one eight",
            ["two three three six four nine zero one eight"],
        ),
        (SSN, "", "233-64-9018", ["233-64-9018"]),
        (PHONE, "Your number?", "six. one. oh. two six, oh, four. oh.", ["six. one. oh. two six, oh, four. oh"]),
        (
            SSN,
            "Her social?",
            "One four nine, um, seven oh, two two six eight.",
            ["One four nine", "seven oh, two two six eight"],
        ),
        (CARD, "", "4242 4242 4242 4242", ["4242 4242 4242 4242"]),
        (
            CARD,
            "What's the card number?",
            "four two four two four two four two",
            ["four two four two four two four two"],
        ),
        (CARD, "", "it's the Visa ending in 4242", ["4242"]),
        (CARD, "", "My card is 4242 424 4242 4242.", ["4242 424 4242 4242"]),
        (EXPIRY, "Expiration date?", "Oh one twenty nine.", ["Oh one twenty nine"]),
        (EXPIRY, "Good through?", "April twenty seven.", ["April twenty seven"]),
        (CVV, "", "Sure, 5560-4692-8441-2010, expires 09/28, code 515.", ["515"]),
        (CVV, "And the three digits on the back?", "zero five five", ["zero five five"]),
        (EXPIRY, "Card number?", "4242 4242 4242 4242, 09 28, 515", ["09 28"]),
        (BANK, "", "routing oh six one five six seven one one three", ["oh six one five six seven one one three"]),
        (BANK, "", "021000021", ["021000021"]),
        (BANK, "", "my IBAN is GB82 WEST 1234 5698 7654 32", ["GB82 WEST 1234 5698 7654 32"]),
        (
            BANK,
            "",
            "Zero two four, four one nine, eight hundred is the routing.",
            ["Zero two four, four one nine, eight hundred"],
        ),
        (BIRTH, "", "I was born on May ninth, nineteen seventy one.", ["May ninth, nineteen seventy one"]),
        (BIRTH, "When were you born?", "four seven sixty four", ["four seven sixty four"]),
        (BIRTH, "date of birth?", "9/20/1968", ["9/20/1968"]),
        (DATE, "", "The hearing is on March 29.", ["March 29"]),
        (DATE, "", "cancel it for the eighth and move it to the tenth", ["the eighth", "the tenth"]),
        (DATE, "", "the third of October", ["the third of October"]),
        (AGE, "", "I'm sixty four and retired", ["sixty four"]),
        (AGE, "", "my 10-year-old broke it", ["10"]),
        (AGE, "How old is she?", "Eighty one.", ["Eighty one"]),
        (
            MONEY,
            "",
            "that's a hundred and twelve dollars and thirty cents",
            ["a hundred and twelve dollars and thirty cents"],
        ),
        (MONEY, "", "it costs $5.30, right", ["5.30"]),
        (MONEY, "", "the total is forty seven fifty", ["forty seven fifty"]),
        (EMAIL, "", "my email is gloria dot park at outlook dot com", ["gloria dot park at outlook dot com"]),
        (EMAIL, "", "It's John.Smith@gmail.com.", ["John.Smith@gmail.com"]),
        (
            EMAIL,
            "What's your email?",
            "j s m i t h 99 at company mail dot co dot uk",
            ["j s m i t h 99 at company mail dot co dot uk"],
        ),
        (EMAIL, "", "ruthie dot o at icloud dot com.", ["ruthie dot o at icloud dot com"]),
        (LICENSE, "", "my license is b two two nine four four one seven", ["b two two nine four four one seven"]),
        (LICENSE, "License number?", "B229-4417-0086", ["B229-4417-0086"]),
        (SEQUENCE, "", "The door code's 2 2 0 6.", ["2 2 0 6"]),
        (SEQUENCE, "", "H as in hotel, six six, one nine oh", ["H as in hotel, six six, one nine oh"]),
        (CARD, "", "the one ending in twenty three fifty one", ["twenty three fifty one"]),
        (SSN, "And your social?", "the last four is 9340", ["9340"]),
        (EXPIRY, "", "expiration's march of twenty twenty seven", ["march of twenty twenty seven"]),
        (AGE, "", "she's turning fifty in the summer", ["fifty"]),
        (MONEY, "", "it's $31 an hour", ["31 an hour"]),
        (EMAIL, "", "big fish twenty two at gmail dot com", ["big fish twenty two at gmail dot com"]),
        (EMAIL, "What's your e-mail?", "it's ruthie it cloud dot com", ["ruthie it cloud dot com"]),
        (
            PLACE,
            "And where are you?",
            "The corner of Beacon and Twenty Second.",
            ["The corner of Beacon and Twenty Second"],
        ),
        (SEQUENCE, "", "one time passcode is eight eight four two one three", ["eight eight four two one three"]),
        (NAME, "", "hello my name is felicia montrose and i'm calling", ["felicia montrose"]),
        (NAME, "May I have your name?", "Cornelius Vance Oduya.", ["Cornelius Vance Oduya"]),
        (NAME, "who's this", "ebony from the third floor", ["ebony"]),
        (NAME, "", "This is Soren at the clinic", ["Soren"]),
        (NAME, "", "the last name is christodoulou do you want me to spell it", ["christodoulou"]),
        (NAME, "Can you spell your last name for me?", "j o n e s", ["j o n e s"]),
        (NAME, "", "my last name is Low, l. o. w.", ["Low", "l. o. w"]),
        (
            NAME,
            "Can you spell that?",
            "b as in boy, a as in apple, l for lima, double l",
            ["b as in boy, a as in apple, l for lima, double l"],
        ),
        (NAME, "", "please ask Dr. Bhattacharya about it", ["Bhattacharya"]),
        (NAME, "", "my name is Zofia Kask. Tell them Zofia called.", ["Zofia Kask", "Zofia"]),
        (
            PLACE,
            "",
            "I live at 288 Juniper Street, Asheville, North Carolina.",
            ["288 Juniper Street, Asheville, North Carolina"],
        ),
        (PLACE, "Zip?", "three oh three oh seven", ["three oh three oh seven"]),
        (PLACE, "Which city? Spell it, please.", "p i t t s b u r g h", ["p i t t s b u r g h"]),
    ],
)
def test_found(policy: Policy, asked: str, said: str, expected: list[str]) -> None:
    assert find(said, policy, asked) == expected
    assert find(said, policy, asked, frozenset({policy})) == expected


@pytest.mark.parametrize(
    "said",
    [
        "one of the things I wanted to ask",
        "I have two kids",
        "just a second",
        "I'd like the old one. Thanks.",
        "It may rain. Will it fit? I hope so.",
        "can you mark the page",
        "we will see",
        "Oh, right.",
        "I've tried it three times",
        "the first thing and the second one",
        "do you have your account number",
        "I can't find the email",
        "i'm tired of this",
        "put it in the china cabinet",
        "That's for you and me to see.",
    ],
)
def test_ordinary_speech_is_left_alone(said: str) -> None:
    assert RuleDetector(ALL).detect(utterance(said)).findings == ()


@pytest.mark.parametrize(
    "said",
    [
        "it takes five minutes",
        "about twenty minutes",
        "two hundred people",
        "at 7:30",
        "ten percent",
        "one, two, three",
    ],
)
def test_quantities_are_nothing_but_number_sequences(said: str) -> None:
    assert {finding.policy for finding in RuleDetector(ALL).detect(utterance(said)).findings} <= {SEQUENCE}


@pytest.mark.parametrize(
    "said",
    [
        "my card is 4242 4242 4242 4242",
        "my number is 610-265-1714",
        "my social is two three three six four nine zero one eight",
        "routing 021000021",
        "born on nine twenty sixty eight",
    ],
)
def test_number_sequence_alone_covers_every_number_and_names_leave_them(said: str) -> None:
    spoken = utterance(said)
    assert RuleDetector(frozenset({SEQUENCE})).detect(spoken).findings
    assert RuleDetector(frozenset({NAME})).detect(spoken).findings == ()


@pytest.mark.parametrize("policy", [PHONE, SSN, BANK])
def test_nine_digits_without_a_cue_are_whatever_is_selected(policy: Policy) -> None:
    assert find("two three three six four nine zero one eight", policy, "", frozenset({policy})) != []


def test_a_clear_cue_keeps_other_policies_away() -> None:
    assert find("my phone number is 233649018", SSN, "", frozenset({SSN})) == []


def test_what_the_other_party_asks_next_ends_a_number() -> None:
    spoken = utterance("four two four two {And the security code?} one two three", "The last four of the card?")
    detection = RuleDetector(ALL).detect(spoken)
    assert covered(spoken, detection, CVV) == ["one two three"]
    assert covered(spoken, detection, CARD) == ["four two four two"]


@pytest.mark.parametrize("between", ["Sorry, can you repeat that?", "One second, let me type that in.", "uh-huh"])
def test_a_number_said_on_or_again_is_still_of_its_kind(between: str) -> None:
    spoken = utterance(f"four two four two {{{between}}} four two four two", "What's the card number?")
    found = " ".join(covered(spoken, RuleDetector(frozenset({CARD})).detect(spoken), CARD))
    assert found == "four two four two four two four two"


def test_another_question_ends_what_was_asked_for() -> None:
    spoken = utterance("four two four two {Anything else?} yes twenty two eleven", "What's the card number?")
    assert covered(spoken, RuleDetector(ALL).detect(spoken), CARD) == ["four two four two"]


def test_the_agent_reads_the_number_back() -> None:
    spoken = utterance("What number can we call you on? {five one three, four oh two} Five one three, four oh two.")
    assert covered(spoken, RuleDetector(ALL).detect(spoken), PHONE) == ["Five one three, four oh two"]


def test_a_name_the_other_party_told_is_covered_when_said_again() -> None:
    spoken = utterance("And what's your name? {Tarquin Obo.} Thank you, Tarquin.")
    assert covered(spoken, RuleDetector(ALL).detect(spoken), NAME) == ["Tarquin"]


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("I'll give you one", 3),
        ("it is four one three", None),
        ("one of", None),
        ("one of the things", None),
        ("hello there how are you", None),
        ("this is for", None),
        ("I'm", None),
    ],
)
def test_open(said: str, first: int | None) -> None:
    assert RuleDetector(ALL).detect(utterance(said, complete=False)).open_from() == first


def test_the_beginning_of_an_address_is_open() -> None:
    spoken = utterance("write to john dot smith", complete=False)
    assert RuleDetector(frozenset({EMAIL})).detect(spoken).open_from() == 2


def test_digits_of_no_kind_yet_are_open() -> None:
    detection = RuleDetector(frozenset({CARD})).detect(utterance("it is four one", complete=False))
    assert (detection.findings, detection.open_from()) == ((), 2)


def test_nothing_is_open_when_the_speaker_is_done() -> None:
    assert RuleDetector(ALL).detect(utterance("it is four")).open_from() is None
