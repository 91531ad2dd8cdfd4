"""The tagger's training data: labels sit on the right words, seeds repeat, cuts say what is open."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tagger.augment import Augment, Mishearing, lower_form, sound
from models.tagger.entities import Entities
from models.tagger.generate import Generator
from models.tagger.wordlists import HERE, read_list, share
from models.tagger.words import LABELS, Example, Word, from_spans, join, targets


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("census")
    (folder / "first_female_us.txt").write_text("mary\nfelicia\n")
    (folder / "first_male_us.txt").write_text("james\nowen\n")
    (folder / "surnames_us.txt").write_text("smith\nmontrose\nmcdonald\n")
    return folder


@pytest.fixture(scope="module")
def generator(census: Path) -> Generator:
    return Generator(census)


def test_the_same_seed_gives_the_same_turns(generator: Generator) -> None:
    assert list(generator.examples(3, 40)) == list(generator.examples(3, 40))
    assert list(generator.examples(3, 40)) != list(generator.examples(4, 40))


def test_words_of_a_span_are_together_and_of_one_label(generator: Generator) -> None:
    for example in generator.examples(5, 150):
        last_place: dict[int, int] = {}
        labels: dict[int, str | None] = {}
        for place, word in enumerate(example.words):
            assert word.text
            assert not word.text.isspace()
            assert (word.label is None) == (word.span < 0)
            if word.span >= 0:
                assert last_place.get(word.span, place - 1) == place - 1
                assert labels.setdefault(word.span, word.label) == word.label
                last_place[word.span] = place


def test_every_line_of_the_grammar_can_be_said(generator: Generator) -> None:
    rng = random.Random(1)
    for scene in generator.grammar.scenes:
        for line in (*scene.questions, *scene.answers, *scene.statements):
            assert generator.grammar.expand(line, rng)


def test_scenes_without_entities_have_none(generator: Generator) -> None:
    rng = random.Random(2)
    quiet = [scene for scene in generator.grammar.scenes if scene.name.endswith("no entity")]
    assert len(quiet) >= 6
    for scene in quiet:
        for line in (*scene.answers, *scene.statements):
            assert all(word.label is None for word in generator.grammar.expand(line, rng))


def test_every_label_is_made(generator: Generator) -> None:
    made = {word.label for example in generator.examples(8, 1500) for word in example.words}
    assert made - {None} == set(LABELS)


def test_entries_kept_for_testing_are_never_made_for_training(census: Path) -> None:
    for name in ("diseases", "drugs", "occupations"):
        entries = read_list(name)
        kept, used = share(entries, True), share(entries, False)
        assert len(entries) >= 300
        assert len(kept) >= 20
        assert not set(kept) & set(used)
        assert Entities(census).lists[name] == used
    assert (HERE / "lists" / "diseases.txt").exists()


def test_spans_fall_on_words_with_their_punctuation() -> None:
    words = from_spans("I'm Mary Smith, hello.", [(4, 14, "person_name")])
    assert [word.label for word in words] == [None, "person_name", "person_name", None]
    again = join(words, words)
    assert {word.span for word in again if word.label} == {0, 1}


def test_targets_begin_and_continue() -> None:
    words = (Word("hi"), Word("Mary", "person_name", 0), Word("Smith", "person_name", 0), Word("Lee", "person_name", 1))
    assert targets(words) == [0, 1, 1 + len(LABELS), 1]


def test_lower_form_has_no_case_and_no_punctuation() -> None:
    words = (Word("Saint-Denis,", "location", 0), Word("I'm"), Word("$45.50."), Word("--"))
    assert [(word.text, word.label) for word in lower_form(words)] == [
        ("saint", "location"),
        ("denis", "location"),
        ("i'm", None),
        ("$45.50", None),
    ]


def test_words_that_sound_alike_have_one_code() -> None:
    assert sound("catherine") == sound("kathryn")
    assert sound("write") == sound("right")
    assert sound("mary") != sound("george")


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_a_cut_turn_is_the_start_of_the_turn_and_knows_what_is_open(seed: int) -> None:
    example = Example(
        ("where",),
        (Word("in"), Word("New", "location", 0), Word("York", "location", 0), Word("City.", "location", 0), Word("ok")),
    )
    augment = Augment(Mishearing(["new", "york", "in"]))
    rng = random.Random(seed)
    cut = augment._cut(example, rng)
    place = len(cut.words)
    assert 0 < place < len(example.words)
    assert [word.label for word in cut.words] == [word.label for word in example.words[:place]]
    assert cut.open == (frozenset({0}) if place in (2, 3) else frozenset())


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_augmenting_keeps_labels_on_spans(seed: int) -> None:
    example = Example(
        (), (Word("I"), Word("am"), Word("Mary", "person_name", 0), Word("Smith.", "person_name", 0), Word("Bye."))
    )
    augment = Augment(Mishearing(["merry", "smyth", "by", "buy", "eye"]))
    made = augment(example, random.Random(seed), cut=0.0)
    assert made.words
    assert all((word.label is None) == (word.span < 0) for word in made.words)
    assert any(word.label == "person_name" for word in made.words)
