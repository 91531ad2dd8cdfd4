"""Properties of the rule detector that hold for any text."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.detection import OtherTurn, Token, Utterance
from gateway.core.policy import Policy
from gateway.pii.detector import RuleDetector

ALL = frozenset(Policy)
CALLS_WITH_LABELS = Path(__file__).parents[3] / "shared" / "devset" / "calls" / "manifest.jsonl"
TEXT = (
    "zero oh o one two three four five six seven eight nine ten twelve twenty forty hundred thousand double triple "
    "first ninth twenty-second 4 12 1714 610-265-1714 1-0-0 09/28 7:30 $5.30 3rd to too for ate a I i b J j-o-h-n uh "
    "no sorry scratch that and is my the at dot com gmail underscore name last first phone number card social security "
    "routing account born birth May march June license email zip street Juniper Boise Idaho as in boy bravo dollars "
    "cents years old I'm Mr. Dr. Felicia felicia will Will mark of one, two. it's John john@x.com @ - ... 's é ² ٤٢ 一 "
    "ending expires code the last four three digits"
)
WORDS = TEXT.split()
UTTERANCES = st.lists(st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=8)), max_size=25)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    UTTERANCES,
    st.lists(st.tuples(st.integers(0, 25), st.one_of(st.text(max_size=20), st.sampled_from(WORDS))), max_size=3),
    st.sets(st.sampled_from(sorted(Policy)), min_size=1),
    st.booleans(),
)
def test_any_text_is_answered_within_its_tokens(
    words: list[str], turns: list[tuple[int, str]], policies: set[Policy], complete: bool
) -> None:
    tokens = tuple(Token(word) for word in words)
    others = tuple(OtherTurn(before, text) for before, text in sorted(turns))
    spoken = Utterance(tokens, others, complete)
    detection = RuleDetector(frozenset(policies)).detect(spoken)
    assert detection == RuleDetector(frozenset(policies)).detect(spoken)
    for finding in detection.findings:
        assert finding.policy in policies
        assert 0 <= finding.first < finding.end <= len(tokens)
        assert 0 <= finding.start_char < len(tokens[finding.first].text)
        assert 0 < finding.end_char <= len(tokens[finding.end - 1].text)
    assert [finding.first for finding in detection.findings] == sorted(f.first for f in detection.findings)
    for candidate in detection.candidates:
        assert not complete
        assert 0 <= candidate.first < len(tokens)


CALLS = (
    "hi my name is felicia montrose and i'm calling about my bill",
    "Hi, this is Rodrigo Salcedo. My phone number is five one three, four oh two, nine nine one eight.",
    "sure it's four two four two uh four two four two four two four two four two four two expires oh nine twenty eight",
    "my social is two three three six four nine zero one eight okay thank you",
    "I was born May ninth, nineteen seventy one, and I live at 288 Juniper Street, Asheville, North Carolina.",
    "my email is gloria dot park at outlook dot com and that is all I need",
    "the total was a hundred and twelve dollars and thirty cents so I paid it on March 29 last year",
    "routing oh six one five six seven one one three account seven seven two oh one five eight please",
    "my license is b two two nine four four one seven zero zero eight six I think",
    "my last name is jones j o n e s and the zip is three oh three oh seven",
    "it's six one oh no sorry six one two five five five oh one nine two if you need it",
    "I'm sixty four years old and my 10-year-old has the door code 2 2 0 6 at home",
    "well I'm a retired nurse and I work at Redwood Plumbing Supply near Boise but my son's a paramedic",
    "she was diagnosed with post traumatic stress disorder and takes Lipitor after her knee replacement last summer",
    "we went to the Riverside Jazz Festival and then to the University of North Carolina at Chapel Hill for a week",
    "go to www dot acme dot com slash help slash faq and my username is brad underscore jones okay",
    "my ip is one ninety two dot one sixty eight dot zero dot one and the file is budget dot x l s x right",
    "my member ID is H Z five two three five zero and the passport is P A four five six eight three three two thanks",
    "let's meet at half past six in the morning on Monday for two and a half hours or eighteen percent of it",
    "he's five foot ten with long black hair and he weighs a hundred and eighty pounds and he's O positive",
)


def uncovered_late(
    words: list[str], policies: frozenset[Policy], others: tuple[OtherTurn, ...] = ()
) -> list[tuple[int, int]]:
    """(token, prefix length) where a token that ends up covered was neither found nor open three tokens later.

    Names covered because they are said again are left out: their reason may come later.
    """
    detector = RuleDetector(policies)
    tokens = tuple(Token(word) for word in words)
    final = detector.detect(Utterance(tokens, others))
    wanted = {
        token
        for finding in final.findings
        if finding.rule != "said again"
        for token in range(finding.first, finding.end)
    }
    late = []
    for length in range(1, len(tokens) + 1):
        heard = tuple(turn for turn in others if turn.before < length)
        detection = detector.detect(Utterance(tokens[:length], heard, complete=False))
        held = {token for finding in detection.findings for token in range(finding.first, finding.end)}
        open_from = detection.open_from()
        if open_from is not None:
            held.update(range(open_from, length))
        late += [(token, length) for token in wanted if token + 4 <= length and token not in held]
    return late


@pytest.mark.parametrize("said", CALLS)
@pytest.mark.parametrize("lowered", [False, True])
def test_what_gets_covered_is_found_or_open_three_tokens_later(said: str, lowered: bool) -> None:
    words = said.split()
    if lowered:
        words = [word.lower().strip(",.") for word in words]
    spoken = Utterance(tuple(map(Token, words)))
    alone = [frozenset({policy}) for policy in Policy]
    for policies in (ALL, *(one for one in alone if RuleDetector(one).detect(spoken).findings)):
        assert uncovered_late(words, policies) == []


@pytest.mark.slow
def test_the_same_for_calls_put_together_at_random() -> None:
    draw = random.Random(7)
    for _ in range(12):
        words = " ".join(draw.sample(CALLS, 3)).split()
        for policies in (ALL, frozenset(draw.sample(sorted(Policy), 3))):
            assert uncovered_late(words, policies) == []


@pytest.mark.slow
@pytest.mark.devset
@pytest.mark.skipif(not CALLS_WITH_LABELS.exists(), reason="the labelled calls are not there")
def test_the_same_for_labelled_calls() -> None:
    for line in CALLS_WITH_LABELS.read_text(encoding="utf-8").splitlines():
        turns = json.loads(line)["turns"]
        for leg in (0, 1):
            words: list[str] = []
            others: list[OtherTurn] = []
            for turn in turns:
                if turn["channel"] == leg:
                    words += turn["text"].split()
                else:
                    others.append(OtherTurn(len(words), turn["text"]))
            assert uncovered_late(words, ALL, tuple(others)) == []
