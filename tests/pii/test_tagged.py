"""From the tagger's probabilities to findings, with a tagger that is told what to think."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.detection import OtherTurn, Token, Utterance
from gateway.core.strength import FINDING_ABOVE, Strength, Strengths
from gateway.pii.tagged import detect_tagged
from gateway.pii.tagger import Tags
from gateway.pii.turns import Turn, turns_of

LABELS = ("person_name", "location")


class Told:
    """Thinks of a word what `likely` says; records what it is asked."""

    labels = LABELS

    def __init__(self, likely: dict[str, tuple[float, float]], still_open: float = 0.0) -> None:
        self.likely = likely
        self.still_open = still_open
        self.asked: list[tuple[list[str], str, int]] = []

    def tag(self, words: Sequence[str], question: str = "", first: int = 0) -> Tags:
        self.asked.append((list(words), question, first))
        kinds = np.array([self.likely.get(word, (0.0, 0.0)) for word in words], dtype=np.float32)
        return Tags(kinds.reshape(-1, 2), np.full(len(words), self.still_open, dtype=np.float32))


def utterance(*texts: str, others: tuple[OtherTurn, ...] = (), complete: bool = True, decided: int = 0) -> Utterance:
    return Utterance(tuple(map(Token, texts)), others, complete, 0, decided)


def test_turns_begin_where_the_other_party_said_something_of_its_own():
    said = utterance(
        "a", "b", "c", "d", others=(OtherTurn(0, "Your name?"), OtherTurn(1, "uh-huh"), OtherTurn(3, "Why?"))
    )
    assert turns_of(said) == [Turn(0, 3, "Your name?"), Turn(3, 4, "Why?")]
    assert turns_of(utterance()) == []


def test_a_stretch_is_as_probable_as_its_least_probable_word():
    told = Told({"Ann": (0.9, 0.0), "Lee,": (0.5, 0.0)})
    found = detect_tagged(utterance("I'm", "Ann", "Lee,", "hi"), told)  # type: ignore[arg-type]
    assert [(one.first, one.end, round(one.confidence, 2), one.end_char) for one in found.findings] == [
        (1, 3, 0.5, 3),
        (1, 2, 0.9, 3),
    ]


def test_signs_are_no_finding_and_what_is_decided_is_not_looked_at():
    told = Told({"--": (0.9, 0.9)})
    assert not detect_tagged(utterance("--"), told).findings  # type: ignore[arg-type]
    detect_tagged(utterance("a", "b", others=(OtherTurn(1, "What else?"),), decided=1), told)  # type: ignore[arg-type]
    assert told.asked[1:] == [(["b"], "What else?", 0)]


def test_the_end_may_be_open_only_while_the_speaker_goes_on():
    told = Told({"New": (0.0, 0.65)}, still_open=0.6)
    assert detect_tagged(utterance("New", complete=False), told).open_from(0.5) == 0  # type: ignore[arg-type]
    assert detect_tagged(utterance("New", complete=False), told).open_from(0.7) is None  # type: ignore[arg-type]
    assert detect_tagged(utterance("New"), told).open_from() is None  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=12))
def test_each_strength_covers_just_the_words_that_reach_it(likely: list[float]):
    words = [f"w{place}" for place in range(len(likely))]
    told = Told({word: (value, 0.0) for word, value in zip(words, likely, strict=True)})
    found = detect_tagged(utterance(*words), told)  # type: ignore[arg-type]
    for strength in Strength:
        chosen = [one for one in found.findings if Strengths(strength).covers(one)]
        covered = {place for one in chosen for place in range(one.first, one.end)}
        assert covered == {place for place, value in enumerate(likely) if float(value) >= FINDING_ABOVE[strength]}
