"""The search, with a decoder that writes what a script says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.asr.moonshine.decoder import Sequences, Space
from gateway.asr.moonshine.encoder import Floats
from gateway.asr.moonshine.search import Found, Vocabulary, Window, search
from gateway.asr.moonshine.tokenizer import END, START

WRITTEN = np.array([END, *range(10, 40)])
CONTINUES = (12, 17)
VOCABULARY = Vocabulary(WRITTEN, np.searchsorted(WRITTEN, [30, 31]), ~np.isin(WRITTEN, CONTINUES))
FRAMES = 60


class ScriptedDecoder:
    """Writes a window's script from its begin on: after n tokens, whatever they were, the script's n-th.

    A window's number is the first of its frames' numbers. With nothing agreed on, the second script holds.
    """

    written = WRITTEN

    def __init__(self, scripts: Sequence[Sequence[int]], afresh: Sequence[Sequence[int]] | None = None) -> None:
        self._scripts, self._afresh = scripts, afresh or scripts
        self._texts: list[list[int]] = []
        self._ids: list[int] = []
        self.steps = 0

    def begin(self, windows: Sequence[Floats], room: int) -> Sequences:
        self._ids = [int(frames[0, 0]) for frames in windows]
        self._guided = [False for _ in windows]
        self._room = room
        return _Tracked(self, [len(frames) for frames in windows], room)

    def read(
        self, sequences: Sequences, first: int, texts: Sequence[Sequence[int]], wanted: Sequence[int]
    ) -> list[Floats]:
        rows = []
        for place, (text, count) in enumerate(zip(texts, wanted, strict=True), first):
            assert sequences.lengths[place] == 0
            assert text[0] == START
            self._guided[place] = len(text) > count
            self._look(sequences, place, len(text))
            rows.append(np.array([self._logits(place, length) for length in range(len(text) - count, len(text))]))
        return rows

    def step(self, sequences: Sequences, tokens: Sequence[int]) -> Floats:
        assert len(tokens) == sequences.count
        self.steps += 1
        for place in range(sequences.count):
            self._look(sequences, place, 1)
        return np.array([self._logits(place, int(sequences.lengths[place]) - 1) for place in range(len(tokens))])

    def drop(self, place: int, last: int) -> None:
        self._ids[place] = self._ids[last]
        self._guided[place] = self._guided[last]

    def _look(self, sequences: Sequences, place: int, count: int) -> None:
        begin = int(sequences.lengths[place])
        assert begin + count <= self._room
        attention = np.zeros((count, FRAMES), dtype=np.float32)
        attention[np.arange(count), np.minimum(4 * np.arange(begin, begin + count), FRAMES - 1)] = 1
        nothing = np.zeros(1, dtype=np.float32)
        sequences.add(place, nothing, nothing, np.pad(attention, ((0, 0), (0, 4))))

    def _logits(self, place: int, length: int) -> Floats:
        script = (self._scripts if self._guided[place] else self._afresh)[self._ids[place]]
        logits = np.zeros(len(WRITTEN), dtype=np.float32)
        logits[list(WRITTEN).index(script[length] if length < len(script) else END)] = 9
        return logits


class _Tracked(Sequences):
    def __init__(self, decoder: ScriptedDecoder, frames: Sequence[int], room: int) -> None:
        super().__init__(frames, room, Space())
        self._decoder = decoder

    def drop(self, place: int) -> None:
        super().drop(place)
        self._decoder.drop(place, self.count)


def _window(number: int, agreed: Sequence[int] = (), guess: Sequence[int] = (), words_until: int = FRAMES) -> Window:
    return Window(np.full((FRAMES, 288), number, dtype=np.float32), agreed, guess, FRAMES, words_until)


_texts = st.lists(st.integers(10, 29), min_size=1, max_size=9, unique=True)


@given(st.lists(st.tuples(_texts, st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=7))
def test_each_window_gets_its_own_text(legs: list[tuple[list[int], int, int, bool]]) -> None:
    """However much is agreed on and guessed, rightly or not, and whichever ends first."""
    windows, expected = [], []
    for number, (text, agreed, guessed, right) in enumerate(legs):
        agreed = min(agreed, len(text) - 1)
        guess = text[agreed : agreed + guessed]
        if guess and not right:
            guess[-1] = 39
        windows.append(_window(number, text[:agreed], guess))
        expected.append(text[agreed:])
    scripts = [text for text, *_ in legs]
    found = search(ScriptedDecoder(scripts), windows, VOCABULARY)
    assert [one.tokens for one in found] == expected
    for one, window in zip(found, windows, strict=True):
        assert len(one.probabilities) == len(one.tokens)
        assert one.attention.shape == (len(window.agreed) + len(one.tokens), FRAMES)
        assert list(one.attention.argmax(axis=1)) == [4 * row for row in range(len(one.attention))]


def test_a_right_guess_takes_no_steps() -> None:
    decoder = ScriptedDecoder([[10, 11, 12]])
    (found,) = search(decoder, [_window(0, [10], [11, 12])], VOCABULARY)
    assert found.tokens == [11, 12]
    assert decoder.steps == 0


@pytest.mark.parametrize(("believed", "tokens", "afresh"), [([20, 21], [20, 21], True), ([], [11, 12], False)])
def test_what_is_not_believed_is_searched_afresh(believed: list[int], tokens: list[int], afresh: bool) -> None:
    """Should that not be believed either, the first stands; the other windows are not disturbed."""
    decoder = ScriptedDecoder([[10, 11, 12], [13, 14]], [[20, 21], [13, 14]])
    doubted = []

    def believes(index: int, found: Found) -> bool:
        assert index in (0, 1)
        heard = found.tokens
        doubted.append((index, heard))
        return index == 1 or heard == believed

    first, second = search(decoder, [_window(0, [10]), _window(1)], VOCABULARY, believes)
    assert (first.tokens, first.afresh) == (tokens, afresh)
    assert (second.tokens, second.afresh) == ([13, 14], False)
    assert sorted(doubted) == [(0, [11, 12]), (0, [20, 21]), (1, [13, 14])]


@pytest.mark.parametrize("guess", [[], [10, 11, 12, 13, 14]])
def test_no_word_is_begun_in_the_last_frames_and_none_is_cut(guess: list[int]) -> None:
    """Tokens are spoken four frames apart; the sixth and the eighth go on with the word before them."""
    script = [10, 11, 13, 14, 15, 12, 16, 17, 18]
    heard = {20: [10, 11, 13, 14, 15, 12], 21: [10, 11, 13, 14, 15, 12], 25: [10, 11, 13, 14, 15, 12, 16, 17]}
    for words_until, tokens in heard.items():
        window = _window(0, [], guess, words_until)
        (found,) = search(ScriptedDecoder([script]), [window], VOCABULARY)
        assert (found.tokens, found.looped) == (tokens, False)


def test_a_text_without_end_is_stopped() -> None:
    (found,) = search(ScriptedDecoder([[*range(10, 30)] * 9]), [_window(0)], VOCABULARY)
    assert found.looped
    assert found.tokens == [*range(10, 27)]


def test_nothing_to_search() -> None:
    assert search(ScriptedDecoder([]), [], VOCABULARY) == []
