"""Which calls fit, in virtual time."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.policy import Policy
from gateway.core.settings import Pace, SessionSettings
from gateway.errors import Unavailable
from gateway.transports.admission import (
    BUSY_LIMIT,
    LATE_PAUSE_S,
    SERVER_LEG_COST,
    SERVER_LIMIT,
    TRIAL_LEGS,
    Admission,
    Load,
)
from gateway.transports.calls import Calls


def test_before_anything_is_measured_the_trial_says_how_many_fit():
    admission = Admission(workers=2, leg_cost=0.05)
    assert admission.capacity == 34
    with contextlib.ExitStack() as places:
        taken = 0
        while admission.fits(2, now=0.0):
            places.enter_context(admission.place(2))
            taken += 2
        assert taken == 34


def test_calls_that_cost_more_than_the_trial_said_leave_room_for_fewer():
    admission = Admission(workers=1, leg_cost=0.03)
    with admission.place(10):
        assert admission.fits(18, 0.0)
        observed(admission, Load(1, busy=0.6, server=0.1, late=0), 200)
        assert admission.leg_cost == pytest.approx((0.6 + TRIAL_LEGS * 0.03) / (10 + TRIAL_LEGS), rel=0.01)
        assert admission.busy == pytest.approx(0.6, rel=0.01)
        assert admission.fits(5, 200.0)
        assert not admission.fits(6, 200.0)


def test_neither_the_end_of_calls_nor_the_beginning_of_others_changes_what_a_leg_costs():
    admission = Admission(workers=1, leg_cost=0.03)
    with contextlib.ExitStack() as places:
        for _ in range(12):
            places.enter_context(admission.place(2))
        for second in range(60):
            admission.observe(Load(1, busy=24 * 0.03, server=0.1, late=0), float(second))
    before = admission.capacity
    for second in range(60, 65):
        admission.observe(Load(1, busy=0.0, server=0.1, late=0), float(second))
    assert abs(admission.capacity - before) <= 1
    with contextlib.ExitStack() as places:
        for _ in range(12):
            assert admission.fits(2, 65.0)
            places.enter_context(admission.place(2))
        for second in range(65, 80):
            admission.observe(Load(1, busy=24 * 0.03, server=0.1, late=0), float(second))
        assert abs(admission.capacity - before) <= 1


def test_silent_legs_do_not_make_the_next_ones_look_free():
    admission = Admission(workers=1, leg_cost=0.08)
    with admission.place(8):
        for second in range(120):
            admission.observe(Load(1, busy=0.0, server=0.0, late=0), float(second))
    assert admission.capacity == 10


def observed(admission: Admission, load: Load, seconds: int = 120) -> Admission:
    for second in range(seconds):
        admission.observe(load, float(second))
    return admission


@pytest.mark.parametrize("load", [Load(4, 0.1, SERVER_LIMIT + 0.05, 0), Load(0, 0.0, 0.1, 0)])
def test_none_is_taken_while_the_server_has_no_time_or_no_worker(load: Load):
    assert not observed(Admission(workers=4, leg_cost=0.01), load).fits(1, 120.0)


def test_none_is_taken_while_steps_hardly_come_in_time():
    load = Load(1, busy=0.3, server=0.1, late=0, close=0.6)
    assert not observed(Admission(workers=1, leg_cost=0.01), load).fits(1, 120.0)


def test_legs_that_are_hardly_heard_any_more_do_not_look_cheap():
    admission = Admission(workers=1, leg_cost=0.03)
    with admission.place(80):
        observed(admission, Load(1, busy=0.9, server=0.1, late=0))
        assert admission.capacity <= 28


def test_a_burst_is_bounded_by_the_event_loop_too():
    admission = Admission(workers=16, leg_cost=0.03)
    assert admission.capacity == int(SERVER_LIMIT / SERVER_LEG_COST + 1e-9)
    with contextlib.ExitStack() as places:
        taken = 0
        while admission.fits(2, 0.0):
            places.enter_context(admission.place(2))
            taken += 2
    assert taken <= SERVER_LIMIT / SERVER_LEG_COST


def test_a_shorter_lookahead_counts_for_more():
    usual = SessionSettings(frozenset(Policy), channels=2)
    assert usual.live_load == 2
    assert replace(usual, lookahead_ms=5000).live_load == 2
    assert replace(usual, lookahead_ms=500).live_load == 10
    assert replace(usual, pace=Pace.ELASTIC).live_load == 0


def test_when_others_take_the_machine_s_time_fewer_fit():
    admission = Admission(workers=1, leg_cost=0.03)
    with admission.place(10):
        observed(admission, Load(1, busy=0.9, server=0.1, late=0))
        assert not admission.fits(2, 120.0)


def test_after_a_late_answer_none_is_taken_for_a_while():
    admission = Admission(workers=1, leg_cost=0.01)
    admission.observe(Load(1, 0.1, 0.1, late=1), 5.0)
    assert not admission.fits(1, 5.0 + LATE_PAUSE_S - 0.1)
    assert admission.fits(1, 5.0 + LATE_PAUSE_S)


def test_a_call_that_ends_is_reckoned_with_no_longer():
    admission = Admission(workers=1, leg_cost=0.4)
    with admission.place(2):
        assert not admission.fits(1, 0.0)
    assert admission.fits(2, 0.0)


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 3)), max_size=60), st.floats(0.01, 0.2), st.floats(0.6, 1.5))
def test_the_machine_is_never_promised_away(offers, trial, dearer):
    """Whatever is offered, and whenever: what was taken takes no more than the limit, as far as the trial was right."""
    admission = Admission(workers=1, leg_cost=trial)
    now, legs = 0.0, 0
    with contextlib.ExitStack() as places:
        for offered, pause in offers:
            for step in range(int(pause / 0.5)):
                admission.observe(Load(1, min(1.0, legs * trial * dearer), 0.1, 0), now + 0.5 * step)
            now += pause
            if admission.fits(offered, now):
                places.enter_context(admission.place(offered))
                legs += offered
        assert legs * trial <= BUSY_LIMIT * max(1.0, 1 / dearer) + 1e-9


def test_elastic_calls_wait_instead_of_being_refused():
    calls = Calls(10, Admission(workers=1, leg_cost=0.5), clock=lambda: 0.0)
    with calls.admit(1), calls.admit(0):
        assert calls.full
        with pytest.raises(Unavailable, match="with 2 calls in progress"), calls.admit(1):
            pass
        assert calls.active == 2
    assert calls.active == 0
