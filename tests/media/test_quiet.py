import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.media.quiet import REACH_MS, USUAL_MS, padded
from gateway.media.timeline import Span, samples_of

RATES = [8000, 11025, 16000, 44100]
rates = st.sampled_from(RATES)


def tones(levels: list[int], rate: int) -> np.ndarray:
    """Each level (peak) for 10 ms."""
    peaks = np.repeat(levels, rate // 100)
    return np.rint(peaks * np.sin(2 * np.pi * 440 * np.arange(len(peaks)) / rate)).astype(np.int16)


level_lists = st.lists(st.sampled_from([0, 30, 300, 3000, 20000]), max_size=80)


@st.composite
def cases(draw):
    rate = draw(rates)
    heard = tones(draw(level_lists), rate)
    start = draw(st.integers(0, rate))
    return Span(start, start + draw(st.integers(0, rate // 2))), heard, draw(st.integers(-rate, rate)), rate


@given(cases())
def test_the_span_is_covered_and_the_pad_is_bounded(case):
    span, heard, heard_from, rate = case
    result, reach = padded(span, heard, heard_from, rate), samples_of(REACH_MS, rate)
    assert span.start - reach <= result.start <= span.start
    assert span.end <= result.end <= span.end + reach


@given(cases(), st.integers(0, 20000), st.integers(0, 20000))
def test_a_limit_is_only_left_for_the_span_itself(case, a, b):
    span, heard, heard_from, rate = case
    limit = Span(min(a, b), max(a, b))
    free, held = padded(span, heard, heard_from, rate), padded(span, heard, heard_from, rate, limit)
    assert held.start == min(span.start, max(free.start, limit.start))
    assert held.end == max(span.end, min(free.end, limit.end))


@given(level_lists, rates, st.data())
def test_audio_beyond_the_reach_changes_nothing(levels, rate, data):
    frame, reach = rate // 100, samples_of(REACH_MS, rate)
    heard = tones(levels, rate)
    start = data.draw(st.integers(0, len(heard)))
    span = Span(start, data.draw(st.integers(start, len(heard))))
    near = Span(max(0, span.start - reach - 2 * frame), min(len(heard), span.end + reach + 2 * frame))
    assert padded(span, heard, 0, rate) == padded(span, heard[near.start : near.end], near.start, rate)


@given(cases(), st.integers(0, 2000), st.integers(0, 2000))
def test_a_larger_span_never_gets_a_smaller_answer(case, more_before, more_after):
    span, heard, heard_from, rate = case
    larger = Span(span.start - more_before, span.end + more_after)
    a, b = padded(span, heard, heard_from, rate), padded(larger, heard, heard_from, rate)
    assert b.start <= a.start
    assert b.end >= a.end


@pytest.mark.parametrize("rate", RATES)
def test_the_usual_pad_is_taken_where_no_moment_is_quieter(rate):
    usual, frame = samples_of(USUAL_MS, rate), rate // 100
    span = Span(rate, rate + 40 * frame)
    steady = np.full(3 * rate, 1000, np.int16)
    nothing = np.empty(0, np.int16)
    for result in (padded(span, steady, 0, rate), padded(span, nothing, 0, rate)):
        assert result.start == pytest.approx(span.start - usual, abs=frame)
        assert result.end == pytest.approx(span.end + usual, abs=frame)


@pytest.mark.parametrize("pause_ms", [30, 60, 100])
@pytest.mark.parametrize("off_ms", [-30, 0, 40, 80, 120])
def test_edges_go_into_the_pauses_around_a_word(off_ms, pause_ms):
    """A word whose pauses begin `off_ms` outside of the recogniser's edges is covered whole, its neighbours are not."""
    rate, word, pause = 8000, 300, pause_ms // 10
    levels = [5000] * 100 + [0] * pause + [5000] * (word // 10) + [0] * pause + [5000] * 100
    start = (100 + pause) * 80
    true = Span(start, start + word * 8)
    found = Span(true.start + off_ms * 8, max(true.start + off_ms * 8, true.end - off_ms * 8))
    result = padded(found, tones(levels, rate), 0, rate)
    assert result.start <= true.start
    assert result.end >= true.end
    assert result.start >= min(found.start, true.start - pause * 80)
    assert result.end <= max(found.end, true.end + pause * 80)


def test_a_word_at_the_very_edges_of_the_audio_is_covered():
    heard = tones([5000] * 30, 8000)
    result = padded(Span(0, 2400), heard, 0, 8000)
    assert result.start <= 0
    assert result.end >= 2400
