"""Terms that are always or never redacted, and policies of the operator's."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.custom_policies import CustomPolicy, Value, ValueKind
from gateway.core.detection import Detection, Finding, OpenCandidate, OtherTurn, Token, Utterance
from gateway.core.policy import Policy
from gateway.core.settings import DetectionSettings
from gateway.core.terms import NO_TERMS, Terms
from gateway.pii.combined import create_detector
from gateway.pii.terms import TermsDetector

DENIED = Terms.of(
    {
        "PROJECT": ["Project Blue-Heron", "X15"],
        "LINE": ["1-800-555-0199"],
        "EMPLOYEE": [r"re:emp-?\d{4}\b"],
    }
)
BADGE = CustomPolicy("badge", cues=("badge", "badge number"), value=Value(ValueKind.ALPHANUMERIC, 3, 6))
TICKET = CustomPolicy("ticket", cues=("ticket",), value=Value(ValueKind.DIGITS, 4, 6))
ORDER = CustomPolicy("order", cues=("order",), value=Value(ValueKind.PATTERN, pattern=r"[ab]\d{2}"))
GOLDEN = CustomPolicy("golden", terms=("golden ticket",), patterns=(r"tck\d+",))
CUSTOM = (BADGE, TICKET, ORDER, GOLDEN)


class NamesEverything:
    """Every word with a capital is a name, and the last word may be the beginning of one."""

    def detect(self, utterance: Utterance) -> Detection:
        findings = tuple(
            Finding(Policy.PERSON_NAME, place, place + 1, 0, len(token.text), 0.9, "test")
            for place, token in enumerate(utterance.tokens)
            if token.text[:1].isupper()
        )
        last = len(utterance.tokens) - 1
        return Detection(findings, () if utterance.complete or last < 0 else (OpenCandidate(last, 0.6),))


class Nothing:
    def detect(self, utterance: Utterance) -> Detection:
        return Detection()


def utterance(
    text: str, others: tuple[OtherTurn, ...] = (), *, complete: bool = True, silence_ms: int = 0
) -> Utterance:
    return Utterance(tuple(map(Token, text.split())), others, complete, silence_ms)


def found(detector: TermsDetector, spoken: Utterance) -> list[tuple[str, str]]:
    """Label and text of each finding."""
    words = [token.text for token in spoken.tokens]
    told = []
    for finding in detector.detect(spoken).findings:
        inside = words[finding.first : finding.end]
        inside[-1] = inside[-1][: finding.end_char]
        inside[0] = inside[0][finding.start_char :]
        told.append((finding.policy, " ".join(inside)))
    return told


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("this is project, blue heron okay", ["project, blue heron"]),
        ("(Project BlueHeron's) plan", ["Project BlueHeron's"]),
        ("project uh blue heron", ["project uh blue heron"]),
        ("the x fifteen and the X-15.", ["x fifteen", "X-15"]),
        (
            "call one eight hundred five five five oh one nine nine",
            ["one eight hundred five five five oh one nine nine"],
        ),
        ("call 1 (800) triple five oh one ninety nine now", ["1 (800) triple five oh one ninety nine"]),
        ("I am EMP4421, or e m p four four two one.", ["EMP4421", "e m p four four two one"]),
        ("the blue heron of projects, call 1-800-555-0198, emp44215, x155", []),
    ],
)
def test_denied_terms_in_any_spelling(text: str, covered: list[str]) -> None:
    detector = TermsDetector(Nothing(), (), DENIED)
    assert [words for _, words in found(detector, utterance(text))] == covered


def test_patterns_look_at_what_is_not_decided_and_a_little_before() -> None:
    words = ("so " * 60 + "emp4421 and emp4422").split()
    spoken = Utterance(tuple(map(Token, words)), decided=62)
    assert [words for _, words in found(TermsDetector(Nothing(), (), DENIED), spoken)] == ["emp4421", "emp4422"]
    spoken = Utterance(tuple(map(Token, words * 2)), decided=110)
    assert [one.first for one in TermsDetector(Nothing(), (), DENIED).detect(spoken).findings] == [123, 125]


def test_a_denied_term_is_told_under_its_label_and_nothing_else() -> None:
    detector = TermsDetector(NamesEverything(), (), Terms.of({"PROJECT": ["Blue Heron"]}, ["Blue Heron", "Acme"]))
    assert found(detector, utterance("Acme and Globex make Blue Heron")) == [
        ("person_name", "Globex"),
        ("PROJECT", "Blue Heron"),
    ]


def test_an_allowed_term_takes_whole_findings_away_only() -> None:
    class Pairs:
        def detect(self, utterance: Utterance) -> Detection:
            return Detection((Finding("organization", 0, 2, 0, len(utterance.tokens[1].text), 0.9, "test"),))

    assert found(TermsDetector(Pairs(), (), Terms.of({}, ["Acme"])), utterance("Acme Jones called")) != []
    assert found(TermsDetector(Pairs(), (), Terms.of({}, ["Acme Jones"])), utterance("acme, Jones! called")) == []
    assert found(TermsDetector(Pairs(), (), Terms.of({}, ["Acme", "re:jon.."])), utterance("Acme Jones called")) == []


def test_a_longer_finding_is_parted_around_a_denied_term() -> None:
    class Everything:
        def detect(self, utterance: Utterance) -> Detection:
            last = len(utterance.tokens)
            return Detection((Finding("organization", 0, last, 0, len(utterance.tokens[-1].text), 0.9, "test"),))

    terms = Terms.of({"FIRM": ["globex"]}, ["Robert"])
    assert found(TermsDetector(Everything(), (), terms), utterance("Robert of (Globex-Corp)")) == [
        ("organization", "Robert of"),
        ("FIRM", "Globex"),
        ("organization", "Corp"),
    ]
    assert found(TermsDetector(Everything(), (), terms), utterance("Robert, Globex")) == [("FIRM", "Globex")]


def test_what_is_allowed_is_not_held_open() -> None:
    detector = TermsDetector(NamesEverything(), (), Terms.of({}, ["acme"]))
    assert detector.detect(utterance("at acme", complete=False)).candidates == ()
    assert detector.detect(utterance("at home", complete=False)).candidates == (OpenCandidate(1, 0.6),)


@pytest.mark.parametrize(
    ("text", "asked", "covered"),
    [
        ("my badge number is uh a seven three b okay", "", [("badge", "a seven three b")]),
        ("alpha seven three", "what's your badge number?", [("badge", "alpha seven three")]),
        ("b as in boy four four two", "badge please", [("badge", "b as in boy four four two")]),
        ("AX441 thanks", "badge please", [("badge", "AX441")]),
        ("ticket, let me see, four four two one", "", [("ticket", "four four two one")]),
        ("ticket four four two one five five five", "", []),
        ("my badge is somewhere and I was here at nine or ten", "", []),
        ("order a twelve or b thirteen", "", [("order", "a twelve"), ("order", "b thirteen")]),
        ("a twelve", "", []),
        ("TCK4421 is a golden ticket", "", [("golden", "TCK4421"), ("golden", "golden ticket")]),
    ],
)
def test_policies_of_the_operator(text: str, asked: str, covered: list[tuple[str, str]]) -> None:
    others = (OtherTurn(0, asked),) if asked else ()
    assert found(TermsDetector(Nothing(), CUSTOM, NO_TERMS), utterance(text, others)) == covered


def test_a_value_that_is_too_short_yet_is_open() -> None:
    detector = TermsDetector(Nothing(), CUSTOM, NO_TERMS)
    assert detector.detect(utterance("the ticket is four four", complete=False)).open_from() == 3
    assert detector.detect(utterance("the ticket is four four", complete=True)).open_from() is None
    assert detector.detect(utterance("the number is four four", complete=False)).open_from() is None


PHRASES = (
    "project blue heron",
    "one eight hundred five five five oh one nine nine",
    "one eight hundred triple five oh one ninety nine",
    "1 800 555 0199",
    "x fifteen",
)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(PHRASES), st.data())
def test_a_denied_term_cut_at_any_point_is_open(phrase: str, data: st.DataObject) -> None:
    words = f"so this is {phrase}".split()
    cut = data.draw(st.integers(4, len(words) - 1))
    detector = TermsDetector(Nothing(), (), DENIED)
    for strictest in (0.0, 0.3):
        open_from = detector.detect(utterance(" ".join(words[:cut]), complete=False)).open_from(strictest)
        assert open_from is not None
        assert open_from <= 3
    assert detector.detect(utterance(" ".join(words))).candidates == ()


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(("project blue-heron", "1-800-555-0199")), st.data())
def test_a_denied_term_cut_within_a_word_is_open(phrase: str, data: st.DataObject) -> None:
    said = phrase[: data.draw(st.integers(1, len(phrase) - 1))]
    detector = TermsDetector(Nothing(), (), DENIED)
    assert detector.detect(utterance(said, complete=False)).open_from(0.3) == 0


def test_the_first_letter_of_a_term_is_not_held_open_once_its_word_is_over() -> None:
    detector = TermsDetector(Nothing(), (), Terms.of({"A": ["acme", "the sun"]}))
    assert detector.detect(utterance("a", complete=False, silence_ms=600)).open_from() is None
    assert detector.detect(utterance("the", complete=False, silence_ms=600)).open_from(0.3) == 0
    assert detector.detect(utterance("the", complete=False, silence_ms=600)).open_from(0.7) == 0


def test_numbers_that_were_only_heard() -> None:
    tokens = (Token("code"), Token("…", sounds="55"), Token("…", sounds="51"))
    detector = TermsDetector(Nothing(), (), Terms.of({"CODE": ["5551"]}))
    assert [(one.first, one.end, one.end_char) for one in detector.detect(Utterance(tokens)).findings] == [(1, 3, 1)]


WORDS = (
    "project blue heron Blue-Heron x 15 fifteen double five 1-800-555-0199 emp4421 badge ticket as in a uh golden … 's"
)
TOKENS = st.builds(
    Token,
    st.one_of(st.sampled_from(WORDS.split()), st.text(min_size=1, max_size=6)),
    sounds=st.sampled_from(["", "", "", "5", "55M", "L", "N"]),
)
ANY_TERM = st.one_of(
    st.sampled_from(["blue heron", "15", "heron", "re:.", "re:[a-e]+ ?\\d", "badge"]),
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(TOKENS, max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.text(max_size=12)), max_size=2),
    st.lists(ANY_TERM, max_size=3),
    st.lists(ANY_TERM, max_size=3),
    st.booleans(),
)
def test_any_text_is_answered_within_its_tokens(
    tokens: list[Token], turns: list[tuple[int, str]], deny: list[str], allow: list[str], complete: bool
) -> None:
    detector = TermsDetector(NamesEverything(), CUSTOM, Terms.of({"X": deny}, allow))
    spoken = Utterance(tuple(tokens), tuple(OtherTurn(before, text) for before, text in sorted(turns)), complete)
    detection = detector.detect(spoken)
    assert detection == detector.detect(spoken)
    for finding in detection.findings:
        assert 0 <= finding.first < finding.end <= len(tokens)
        assert 0 <= finding.start_char < len(tokens[finding.first].text)
        assert 0 < finding.end_char <= len(tokens[finding.end - 1].text)
    assert [one.first for one in detection.findings] == sorted(one.first for one in detection.findings)
    for candidate in detection.candidates:
        assert not complete
        assert 0 <= candidate.first < len(tokens)


def test_the_detector_of_the_gateway_knows_terms() -> None:
    wanted = DetectionSettings(frozenset({Policy.PERSON_NAME}), (GOLDEN,), Terms.of({"X": ["heron"]}, ["Robert"]))
    spoken = utterance("my name is Robert and the heron has a golden ticket")
    findings = create_detector(wanted).detect(spoken).findings
    assert {"X", "golden"} <= {finding.policy for finding in findings}
    assert not any((finding.first, finding.end) == (3, 4) for finding in findings)


@pytest.mark.slow
def test_the_most_terms_there_may_be_take_little_time() -> None:
    deny = {f"label {label}": [f"word{label} {term} {'x' * 150}" for term in range(200)] for label in range(100)}
    patterns = {"p": [f"re:(x+x+)+y{number}|x.*z" for number in range(20)]}
    detector = TermsDetector(Nothing(), (), Terms.of({**dict(list(deny.items())[:99]), **patterns}))
    spoken = utterance("word1 7 xxxxx and so on " * 27)
    began_at = time.process_time()
    detector.detect(spoken)
    assert time.process_time() - began_at < 0.5
