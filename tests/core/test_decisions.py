"""Decisions of one leg: in order of time, told once, never taken back."""

from __future__ import annotations

import pytest

from gateway.core.decisions import LegDecisions, Mark
from gateway.core.delayline import DelayLine
from gateway.core.events import NearMissNoted, RedactionDecided, Verdict
from gateway.core.policy import Policy
from gateway.core.release import released_bytes
from gateway.media.encoding import Encoding
from gateway.media.mask import Masking
from gateway.media.timeline import Span, SpanSet

NAME, PHONE = Policy.PERSON_NAME, Policy.PHONE_NUMBER


def mark(policy: Policy, start: int, end: int) -> Mark:
    return Mark(policy, Span(start + 10, end - 10), Span(start, end), 0.9)


def bleeped(policy: Policy, start: int, end: int) -> RedactionDecided:
    return RedactionDecided(0, policy, Span(start, end), Verdict.BLEEPED, 0.9)


def late(start: int, end: int) -> RedactionDecided:
    return RedactionDecided(0, None, Span(start, end), Verdict.COVERED_LATE)


def test_a_mark_is_told_as_far_as_its_words_are_stable_and_then_goes_on():
    leg = LegDecisions(0)
    assert list(leg.decide(100, 300, [mark(NAME, 50, 250), mark(PHONE, 150, 200)], SpanSet())) == [
        bleeped(NAME, 50, 250)
    ]
    assert list(leg.decide(200, 400, [mark(NAME, 50, 350)], SpanSet())) == [bleeped(NAME, 250, 350)]
    assert leg.spans == {NAME: 1}
    assert list(leg.covered) == [Span(50, 350)]
    assert list(leg.marked_words) == [Span(60, 340)]


def test_what_is_not_stable_is_marked_no_further_than_the_decision():
    leg = LegDecisions(0)
    assert list(leg.decide(100, 80, [mark(NAME, 50, 250)], SpanSet())) == [bleeped(NAME, 50, 100)]


def test_a_mark_that_came_too_late_covers_what_has_not_left():
    leg = LegDecisions(0)
    assert list(leg.decide(100, 100, [], SpanSet())) == []
    assert list(leg.decide(200, 300, [mark(NAME, 50, 150)], SpanSet())) == [bleeped(NAME, 100, 150)]


def test_the_undecided_is_covered_and_counted_where_nothing_else_covers_it():
    leg = LegDecisions(0)
    told = list(leg.decide(100, 100, [mark(NAME, 20, 40)], SpanSet([Span(10, 60)])))
    assert told == [bleeped(NAME, 20, 40), late(10, 20), late(40, 60)]
    assert (leg.covered_samples, leg.late_samples) == (50, 30)


def test_a_deadline_decides_at_once_and_later_answers_change_nothing():
    leg = LegDecisions(0)
    assert list(leg.force(100)) == [late(0, 100)]
    assert list(leg.force(90)) == []
    assert list(leg.decide(100, 100, [mark(NAME, 0, 100)], SpanSet())) == []
    assert leg.decided_until == 100


def test_two_policies_of_one_stretch_are_both_told():
    leg = LegDecisions(0)
    told = list(leg.decide(100, 100, [mark(NAME, 20, 60), mark(PHONE, 40, 80)], SpanSet()))
    assert told == [bleeped(NAME, 20, 60), bleeped(PHONE, 40, 80)]
    assert leg.covered_samples == 60


def test_nothing_leaves_undecided_and_clear_bytes_are_the_original_ones():
    leg, line = LegDecisions(0), DelayLine(Encoding.MULAW)
    original = bytes(range(256)) * 2
    line.append(original)
    list(leg.decide(300, 300, [mark(NAME, 100, 200)], SpanSet()))
    out = released_bytes(Span(0, 300), line, leg, Masking.SILENCE, Encoding.MULAW, 8000)
    assert out[:100] == original[:100]
    assert out[200:] == original[200:300]
    assert len(set(out[100:200])) == 1
    with pytest.raises(AssertionError, match="before it is decided"):
        released_bytes(Span(250, 301), line, leg, Masking.SILENCE, Encoding.MULAW, 8000)


def test_a_delay_line_gives_back_what_it_got_until_it_is_dropped():
    line = DelayLine(Encoding.PCM_S16LE)
    line.append(b"\x01\x00\x02\x00")
    line.append(b"\x03\x00")
    assert line.held == Span(0, 3)
    assert line.read(Span(1, 3)) == b"\x02\x00\x03\x00"
    assert list(line.samples(Span(0, 3))) == [1, 2, 3]
    line.drop_before(2)
    line.drop_before(1)
    assert line.held == Span(2, 3)
    with pytest.raises(ValueError, match="not within the held"):
        line.read(Span(1, 3))
    with pytest.raises(ValueError, match="whole number"):
        line.append(b"\x01")
    line.drop_before(99)
    assert line.held == Span(3, 3)


def test_what_was_found_after_it_left_is_counted_once():
    leg = LegDecisions(0)
    assert list(leg.decide(200, 200, [], SpanSet())) == []
    for until in (300, 400):
        list(leg.decide(until, until, [mark(NAME, 50, 150)], SpanSet()))
    assert leg.escaped_samples == 80
    list(leg.decide(500, 500, [mark(PHONE, 410, 450)], SpanSet()))
    assert leg.escaped_samples == 80
    leg.forget_words(1000)
    list(leg.decide(600, 600, [mark(NAME, 200, 300)], SpanSet()))
    assert leg.escaped_samples == 80


def test_a_near_miss_is_told_once_and_only_where_nothing_covers_it():
    leg = LegDecisions(0)
    doubtful, hidden = mark(NAME, 50, 90), mark(PHONE, 120, 160)
    told = list(leg.decide(100, 100, [], SpanSet(), [doubtful, hidden]))
    assert told == [NearMissNoted(0, NAME, Span(60, 80), 0.9)]
    told = list(leg.decide(200, 200, [mark(NAME, 110, 170)], SpanSet(), [doubtful, hidden]))
    assert told == [bleeped(NAME, 110, 170)]
    assert leg.near_misses == 1
