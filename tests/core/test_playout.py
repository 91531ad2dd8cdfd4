"""When samples leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.playout import Playout
from gateway.core.timing import MAX_LOOKAHEAD_MS, MIN_LOOKAHEAD_MS, Timing
from gateway.errors import PolicyViolation
from gateway.media.timeline import Span

RATE = 8000
FRAME = 160


def test_frames_are_due_a_lookahead_after_they_came():
    playout = Playout(RATE, 2000)
    assert playout.due_until(50.0) == 0
    playout.receive(0, 50.0)
    assert playout.deadline(0) == 52.0
    assert playout.due_until(51.9999) == 0
    assert playout.due_until(52.0) == FRAME
    assert playout.due_until(52.0199) == FRAME
    assert playout.due_until(52.02) == 2 * FRAME


def test_a_peer_that_stood_still_starts_anew_and_may_catch_up_but_not_overtake():
    playout = Playout(RATE, 2000)
    playout.receive(0, 0.0)
    playout.receive(RATE, 1.2)
    assert (playout.deadline(RATE), playout.stalls) == (3.0, 0)
    playout.receive(RATE, 4.0)
    assert (playout.deadline(RATE), playout.stalls) == (6.0, 1)
    for second in range(2, 5):
        playout.receive(second * RATE, 4.0)
    assert playout.deadline(4 * RATE) == pytest.approx(6.0)
    with pytest.raises(PolicyViolation, match="500 ms ahead"):
        playout.receive(5 * RATE, 4.0)


def test_audio_that_was_only_held_up_changes_no_delay():
    playout = Playout(RATE, 2000)
    for frame in range(50):
        playout.receive(frame * FRAME, frame * 0.02)
    for frame in range(50, 70):  # 400 ms come in one burst
        playout.receive(frame * FRAME, 1.4)
    assert playout.stalls == 1
    for frame in range(70, 200):
        playout.receive(frame * FRAME, frame * 0.02)
    assert playout.deadline(200 * FRAME) == pytest.approx(6.0)


def test_a_peer_that_paused_gets_the_same_delay_from_where_it_goes_on():
    playout = Playout(RATE, 2000)
    playout.receive(0, 0.0)
    jitter = (0.04, 0.0, 0.03, 0.01)
    for frame in range(1, 200):
        playout.receive(frame * FRAME, 5.0 + frame * 0.02 + jitter[frame % 4])
    assert playout.stalls == 1
    assert playout.deadline(200 * FRAME) == pytest.approx(5.0 + 4.0 + 2.0)


def test_delays_are_remembered():
    playout = Playout(RATE, 500)
    assert playout.delay_ms(0.99) == 0
    playout.receive(0, 0.0)
    for frame in range(100):
        playout.left(Span(frame * FRAME, (frame + 1) * FRAME), frame * 0.02 + (0.51 if frame == 7 else 0.5))
    assert playout.delay_ms(0.5) == 500
    assert playout.delay_ms(0.99) == 500
    assert playout.delay_ms(1.0) == 510


@given(st.integers(MIN_LOOKAHEAD_MS, MAX_LOOKAHEAD_MS))
def test_there_is_always_time_to_hear_and_to_answer(lookahead: int):
    timing = Timing.for_lookahead(lookahead)
    assert timing.step % 20 == 0
    assert timing.step + timing.allowance + timing.horizon == lookahead
    assert 0 < timing.stable_margin <= timing.horizon
    assert timing.allowance > 0


@pytest.mark.parametrize("lookahead", [MIN_LOOKAHEAD_MS - 1, MAX_LOOKAHEAD_MS + 1, -1])
def test_a_lookahead_out_of_bounds_is_refused(lookahead: int):
    with pytest.raises(ValueError, match="500..10000"):
        Timing.for_lookahead(lookahead)
