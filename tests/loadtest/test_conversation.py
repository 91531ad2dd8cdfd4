"""Conversations: the same seed, the same call; the labels stay on their words; the share of talk is what was asked."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtest.conversation import Conversation, Library, compose, render
from loadtest.devsets import SetName, load_sets

LIBRARY = Library(load_sets([SetName.SAMPLE]))
SEEDS = st.integers(0, 2**31 - 1)


def conversation(seed: int, channels: int = 2, length_ms: int = 60_000, share: float = 0.4) -> Conversation:
    return compose(LIBRARY, channels, length_ms, share, (seed,))


@given(SEEDS, st.sampled_from([1, 2]))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_call(seed: int, channels: int) -> None:
    assert conversation(seed, channels) == conversation(seed, channels)


@given(SEEDS, st.sampled_from([1, 2]), st.floats(0.1, 0.5))
@settings(max_examples=30)
def test_pieces_of_a_leg_are_in_order_and_do_not_overlap(seed: int, channels: int, share: float) -> None:
    composed = conversation(seed, channels, share=share)
    for pieces in composed.pieces:
        assert all(one.start_ms + one.length_ms <= next_one.start_ms for one, next_one in pairwise(pieces))
        assert all(one.start_ms >= 0 and one.start_ms + one.length_ms <= composed.length_ms for one in pieces)


@given(SEEDS, st.sampled_from([1, 2]))
@settings(max_examples=20)
def test_labels_lie_in_the_call_and_on_its_legs(seed: int, channels: int) -> None:
    composed = conversation(seed, channels)
    for turn in composed.turns:
        assert 0 <= turn.leg < channels
        assert 0 <= turn.words[0].start_ms <= turn.words[-1].end_ms <= composed.length_ms


@pytest.mark.parametrize("channels", [1, 2])
def test_a_turn_sounds_as_it_was_recorded(channels: int) -> None:
    composed = conversation(5, channels)
    clip = LIBRARY.clips[0]
    recorded = {
        (turn.words[0].text, turn.words[0].end_ms - turn.words[0].start_ms, len(turn.words)): turn
        for turn in clip.turns
    }
    for turn in composed.turns[:6]:
        word = turn.words[0]
        source = recorded[word.text, word.end_ms - word.start_ms, len(turn.words)]
        heard = render(LIBRARY, composed, 8000, word.start_ms, turn.words[-1].end_ms)[:, turn.leg]
        at = source.words[0].start_ms * 8
        np.testing.assert_array_equal(heard, LIBRARY.audio(0, 8000)[at : at + len(heard), source.leg])


@pytest.mark.parametrize("share", [0.2, 0.45])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_share_of_talk_is_about_what_was_asked(share: float, channels: int) -> None:
    shares = [conversation(seed, channels, 120_000, share).talk_share for seed in range(8)]
    assert np.mean(shares) == pytest.approx(share, abs=0.04)


@given(SEEDS, st.integers(0, 2900))
@settings(max_examples=20)
def test_rendered_in_pieces_or_at_once_is_the_same(seed: int, cut: int) -> None:
    composed = conversation(seed)
    whole = render(LIBRARY, composed, 8000, 0, 60_000)
    cut_ms = cut * 20
    parts = [render(LIBRARY, composed, 8000, 0, cut_ms), render(LIBRARY, composed, 8000, cut_ms, 60_000)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_pauses_hold_the_room_and_not_digital_silence() -> None:
    composed = conversation(3)
    audio = render(LIBRARY, composed, 8000, 0, composed.length_ms)
    assert np.mean(audio[:, 0] == 0) < 0.9


def test_a_library_without_turns_is_refused() -> None:
    with pytest.raises(ValueError, match="labelled turn"):
        Library([])
