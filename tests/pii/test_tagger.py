"""The trained tagger as it ships: what it is fed, long turns, speed is not measured here."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from gateway.core.policy import Policy
from gateway.errors import EngineError
from gateway.pii.tagger import READINGS_KEPT, Tagger, shared_tagger

SENTENCE = "my name is Felicia Montrose and I live in Boise Idaho near the old mill"
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return shared_tagger()


def test_its_labels_are_policies(tagger: Tagger):
    assert set(tagger.labels) <= set(Policy)
    assert {"person_name", "organization", "medical_condition", "occupation"} <= set(tagger.labels)


def test_a_name_is_likelier_where_it_was_asked_for(tagger: Tagger):
    name = tagger.labels.index("person_name")
    asked = tagger.tag(["montrose"], "and your last name please").kinds[0, name]
    unasked = tagger.tag(["montrose"], "what would you like to drink").kinds[0, name]
    assert asked > unasked


def test_probabilities_add_up_to_no_more_than_one(tagger: Tagger):
    tags = tagger.tag(["my", "name", "is", "Felicia", "Montrose", "and", "I", "live", "in", "Boise", "…", "--", "5"])
    assert tags.kinds.shape == (13, len(tagger.labels))
    assert (tags.kinds.sum(axis=1) <= 1 + 1e-5).all()
    assert ((tags.open >= 0) & (tags.open <= 1)).all()


def test_a_long_turn_is_read_in_windows_and_the_same_again(tagger: Tagger):
    words = SENTENCE.split() * 20
    whole = tagger.tag(words)
    assert (whole.kinds.max(axis=1) > 0).all()
    assert np.array_equal(whole.kinds, tagger.tag(words).kinds)
    late = tagger.tag(words, first=len(words) - 5)
    assert np.array_equal(whole.kinds[-5:], late.kinds[-5:])


@pytest.mark.parametrize("words", [[], ["…"], ["x" * 2000], ["\udcff"], ["日本語"] * 40])
def test_odd_words_are_no_trouble(tagger: Tagger, words: list[str]):
    assert len(tagger.tag(words, "?" * 5000).kinds) == len(words)


def test_a_folder_without_a_tagger_is_told(tmp_path: Path):
    with pytest.raises(EngineError, match="tagger"):
        Tagger(tmp_path)


TURNS = [
    (["montrose"], "and your last name please"),
    (SENTENCE.split(), ""),
    (SENTENCE.upper().split()[:9], "who am I speaking to"),
    (SENTENCE.split() * 12, "and where do you live " * 20),
    (["it", "is", "4471"], "what is the number"),
]


@pytest.fixture
def fresh() -> Tagger:
    return Tagger(Path(str(files("gateway") / "data")))


def test_turns_read_together_have_the_tags_they_have_alone(tagger: Tagger, fresh: Tagger):
    alone = [tagger.tag(words, question) for words, question in TURNS]
    for words, question in TURNS:
        fresh.expect(words, question)
    for (words, question), expected in zip(TURNS, alone, strict=True):
        found = fresh.tag(words, question)
        assert np.array_equal(found.kinds, expected.kinds)
        assert np.array_equal(found.open, expected.open)


def test_what_is_expected_is_read_at_once_and_only_once(fresh: Tagger):
    for words, question in TURNS[:3]:
        fresh.expect(words, question)
    assert fresh.kept == 0
    first = fresh.tag(*TURNS[0])
    assert fresh.kept == 3
    assert np.array_equal(first.kinds, fresh.tag(*TURNS[0]).kinds)
    fresh.tag(*TURNS[2])
    assert fresh.kept == 3


def test_tags_given_away_are_not_those_kept(fresh: Tagger):
    fresh.tag(*TURNS[0]).kinds[:] = 7
    assert fresh.tag(*TURNS[0]).kinds.max() <= 1


@pytest.mark.slow
def test_only_the_last_readings_are_kept(fresh: Tagger):
    for number in range(2 * READINGS_KEPT):
        fresh.expect([f"w{number}"])
    fresh.tag(["last"])
    assert fresh.kept == READINGS_KEPT
