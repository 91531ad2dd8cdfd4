"""The score of captions: labelled words shown, marks taken back, other words and their delay."""

from __future__ import annotations

from gateway.core.policy import Policy
from gateway.evaluation.caption_scoring import CaptionScore, ShownCaption, ShownWord, score_captions
from gateway.evaluation.labels import LabelledSpan, LabelledTurn, LabelledWord

ALL = frozenset(Policy)
TEXTS = ("my", "number", "four", "two", "thanks")
WORDS = tuple(LabelledWord(text, 1000 * i, 1000 * i + 800) for i, text in enumerate(TEXTS))
TURN = LabelledTurn(0, "caller", WORDS, (LabelledSpan(Policy.PHONE_NUMBER, "four two", 2, 4),))


def caption(revision: int, *texts: str, leg: int = 0, arrived_ms: float | None = None) -> ShownCaption:
    """The first words of the turn, written as told."""
    words = (ShownWord(text, 1000 * i, 1000 * i + 800) for i, text in enumerate(texts))
    return ShownCaption(leg, 7, revision, tuple(words), arrived_ms)


def score(*captions: ShownCaption) -> CaptionScore:
    return score_captions([TURN], captions, ALL)


def test_masked_numbers_are_not_shown() -> None:
    result = score(caption(0, "My", "number"), caption(1, "My", "number", "####", "###,", "thanks."))
    assert (result.total.words, result.total.shown) == (2, 0)
    assert (result.other_words, result.other_shown, result.other_masked) == (3, 3, 0)
    assert (result.taken_back, result.masked_after_shown, result.revealing_captions) == (0, 0, 0)


def test_a_word_shown_once_counts_however_it_goes_on() -> None:
    result = score(caption(0, "My", "number", "4"), caption(1, "My", "number", "####", "###"))
    assert result.total.shown == result.by_policy[Policy.PHONE_NUMBER].shown == 1
    assert (result.revealing_captions, result.masked_after_shown) == (1, 1)
    assert [(reveal.word, reveal.shown_as) for reveal in result.reveals] == [("four", "4")]


def test_a_mark_taken_back() -> None:
    assert score(caption(0, "My", "######"), caption(1, "My", "number")).taken_back == 1
    assert score(caption(0, "My", "######"), caption(1, "My")).taken_back == 1
    assert score(caption(0, "My", "######"), caption(1, "My", "[PHONE_NUMBER]")).taken_back == 0


def test_another_leg_shows_nothing_of_this_one() -> None:
    assert score(caption(0, "my", "number", "four", "two", leg=1)).total.shown == 0


def test_masked_other_words_are_told_from_words_not_recognised() -> None:
    result = score(caption(0, "##", "lumber", "####", "###"))
    assert (result.other_words, result.other_shown, result.other_masked) == (3, 0, 1)


def test_a_word_far_away_is_not_this_one() -> None:
    late = ShownCaption(0, 1, 0, (ShownWord("four", 2901, 3000),), None)
    near = ShownCaption(0, 1, 0, (ShownWord("four", 2899, 3000),), None)
    assert score(late).total.shown == 0
    assert score(near).total.shown == 1


def test_delay_is_from_the_end_of_the_word_to_the_first_caption_that_held_it() -> None:
    result = score(caption(0, "My", arrived_ms=2000.0), caption(1, "My", "number", arrived_ms=3500.0))
    assert result.delays_ms == [1200.0, 1700.0]


def test_revisions_go_up() -> None:
    assert score(caption(1, "My"), caption(1, "My")).out_of_order == 1
    assert score(caption(1, "My"), caption(2, "My")).out_of_order == 0


def test_optional_words_are_neither() -> None:
    optional = LabelledTurn(0, "caller", WORDS, (LabelledSpan(Policy.DATE, "four", 2, 3, optional=True),))
    result = score_captions([optional], [caption(0, "my", "number", "four", "two")], ALL)
    assert result.total.words == 0
    assert (result.other_words, result.other_shown) == (4, 3)
    assert result.by_policy == {}


def test_scores_add_up() -> None:
    total = CaptionScore()
    for _ in range(2):
        total.add(score(caption(0, "My", "number", "four", arrived_ms=3000.0)))
    assert (total.total.words, total.total.shown, total.captions, len(total.delays_ms)) == (4, 2, 2, 4)
