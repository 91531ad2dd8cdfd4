"""Frame-F1 and word-F1."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.core.policy import Policy
from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord
from gateway.evaluation.leaks import Mask
from gateway.evaluation.localisation import Hits, Localisation, localise

WORDS = tuple(
    LabelledWord(text, 200 * i, 200 * i + 150) for i, text in enumerate(("it", "is", "four", "two", "thanks"))
)
PHONE = LabelledSpan(Policy.PHONE_NUMBER, "four two", 2, 4)
TURN = LabelledTurn(0, "caller", WORDS, (PHONE,))
ORDINARY = [(0, WORDS[index]) for index in (0, 1, 4)]


def predicted(*stretches: tuple[int, int]) -> Mask:
    mask = np.zeros((1, 100), dtype=np.bool_)
    for start, end in stretches:
        mask[0, start // 10 : end // 10] = True
    return mask


def test_exactly_right() -> None:
    result = localise([TURN], [[PHONE]], ORDINARY, predicted((400, 750)))
    assert result.frames == Hits(35, 0, 0)
    assert result.words == Hits(2, 0, 0)
    assert (result.frames.f1, result.words.precision, result.words.recall) == (1.0, 1.0, 1.0)


def test_a_pause_in_an_entity_is_part_of_it() -> None:
    result = localise([TURN], [[PHONE]], ORDINARY, predicted((400, 550), (600, 750)))
    assert result.frames == Hits(30, 0, 5)
    assert result.words == Hits(2, 0, 0)


@pytest.mark.parametrize(("covered_ms", "hits"), [(120, 1), (110, 0)])
def test_a_word_counts_from_four_fifths_on(covered_ms: int, hits: int) -> None:
    result = localise([TURN], [[PHONE]], ORDINARY, predicted((400, 400 + covered_ms)))
    assert result.words == Hits(hits, 0, 2 - hits)
    unlabelled = localise([TURN], [[PHONE]], ORDINARY, predicted((0, covered_ms)))
    assert unlabelled.words.false == hits
    assert unlabelled.frames.false == covered_ms // 10


def test_labels_not_asked_for_count_neither_way() -> None:
    result = localise([TURN], [[]], ORDINARY, predicted((400, 750)))
    assert result == Localisation()
    assert result.frames.f1 is None


def test_f1_is_taken_of_the_sums() -> None:
    total = Localisation(Hits(1, 0, 1), Hits(1, 1, 0))
    total.add(Localisation(Hits(1, 0, 1), Hits(3, 1, 2)))
    assert (total.frames.f1, total.words.f1) == (2 * 2 / 6, 2 * 4 / 12)
    assert (total.frames.precision, total.frames.recall) == (1.0, 0.5)
