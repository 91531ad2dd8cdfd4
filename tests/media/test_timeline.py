"""Spans and sets of spans against plain Python sets of integers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.media.timeline import Span, SpanSet, ms_ceil, ms_floor, samples_of

positions = st.integers(0, 40)
spans = st.tuples(positions, positions).map(lambda pair: Span(min(pair), max(pair)))
span_lists = st.lists(spans, max_size=8)
rates = st.sampled_from([8000, 11025, 16000, 22050, 24000, 44100, 48000])


def samples(span: Span) -> set[int]:
    return set(range(span.start, span.end))


def model(of: list[Span]) -> set[int]:
    return set().union(*map(samples, of))


def is_tidy(of: list[Span]) -> bool:
    """In order, none empty, none touching the next."""
    return all(of) and all(a.end < b.start for a, b in pairwise(of))


@given(spans, positions)
def test_a_span_holds_its_samples(span, position):
    assert len(span) == len(samples(span))
    assert bool(span) == bool(samples(span))
    assert (position in span) == (position in samples(span))


@given(spans, spans)
def test_spans_overlap_in_the_samples_they_share(a, b):
    assert a.overlaps(b) == bool(samples(a) & samples(b))
    assert samples(a.intersection(b)) == samples(a) & samples(b)
    assert a.intersection(b).start == max(a.start, b.start)


def test_a_span_does_not_end_before_it_starts():
    with pytest.raises(ValueError, match="must not end before it starts"):
        Span(2, 1)


@given(span_lists)
def test_a_set_is_the_union_of_its_spans(of):
    held = SpanSet(of)
    assert model(list(held)) == model(of)
    assert is_tidy(list(held))
    assert held.total == len(model(of))
    assert len(held) == len(list(held))
    assert {position for position in range(42) if position in held} == model(of)


@given(span_lists, st.randoms(use_true_random=False))
def test_the_order_of_adding_does_not_matter(of, random):
    shuffled = list(of)
    random.shuffle(shuffled)
    assert SpanSet(of) == SpanSet(shuffled)


@given(span_lists, spans)
def test_within_and_gaps_split_a_window(of, window):
    held = SpanSet(of)
    inside, outside = list(held.within(window)), list(held.gaps(window))
    assert model(inside) == model(of) & samples(window)
    assert model(outside) == samples(window) - model(of)
    assert is_tidy(inside)
    assert is_tidy(outside)


@given(span_lists, spans)
def test_covers_and_overlaps_ask_for_all_or_any_sample(of, span):
    held = SpanSet(of)
    assert held.covers(span) == (samples(span) <= model(of))
    assert held.overlaps(span) == bool(samples(span) & model(of))


@given(span_lists, positions, spans)
def test_what_is_dropped_is_gone_and_adding_goes_on(of, position, later):
    held = SpanSet(of)
    held.drop_before(position)
    left = {sample for sample in model(of) if sample >= position}
    assert model(list(held)) == left
    assert is_tidy(list(held))
    held.add(later)
    assert model(list(held)) == left | samples(later)


@given(span_lists, span_lists)
def test_sets_are_equal_when_their_samples_are(a, b):
    assert (SpanSet(a) == SpanSet(b)) == (model(a) == model(b))


def test_a_set_is_told_apart_from_other_things_and_shown():
    assert SpanSet([Span(1, 2)]) != [Span(1, 2)]
    assert repr(SpanSet([Span(1, 2)])) == "SpanSet([Span(start=1, end=2)])"
    with pytest.raises(TypeError):
        hash(SpanSet())


@given(st.integers(0, 10**12), rates)
def test_reported_milliseconds_enclose_the_samples(position, rate):
    low, high = ms_floor(position, rate), ms_ceil(position, rate)
    assert low * rate <= position * 1000 <= high * rate
    assert high - low <= 1
    assert (low == high) == (position * 1000 % rate == 0)


@given(st.integers(0, 10**9), rates)
def test_milliseconds_to_samples_is_exact_or_rounded_down(ms, rate):
    assert samples_of(ms, rate) * 1000 <= ms * rate < (samples_of(ms, rate) + 1) * 1000
    if rate % 1000 == 0:
        assert ms_floor(samples_of(ms, rate), rate) == ms
