"""Which calls fit, in virtual time."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unavailable
from gateway.transports.admission import BUSY_LIMIT, LATE_PAUSE_S, SERVER_LIMIT, SETTLED_S, Admission, Load
from gateway.transports.calls import Calls


def test_before_anything_is_measured_the_trial_says_how_many_fit():
    admission = Admission(workers=2, leg_cost=0.05)
    assert admission.capacity == 32
    with contextlib.ExitStack() as places:
        taken = 0
        while admission.fits(2, now=0.0):
            places.enter_context(admission.place(2, 0.0))
            taken += 2
        assert taken == 32


def test_calls_that_cost_less_than_the_trial_said_make_room_for_more():
    admission = Admission(workers=1, leg_cost=0.08)
    with contextlib.ExitStack() as places:
        for _ in range(5):
            places.enter_context(admission.place(2, 0.0))
        assert not admission.fits(2, 0.0)
        for second in range(60):
            admission.observe(Load(busy=0.3, server=0.1, late=0), float(second))
        assert admission.leg_cost == pytest.approx(0.03, rel=0.01)
        assert admission.capacity == 26
        assert admission.fits(16, 60.0)
        assert not admission.fits(18, 60.0)


def test_silent_legs_do_not_make_the_next_ones_look_free():
    admission = Admission(workers=1, leg_cost=0.08)
    with admission.place(8, 0.0):
        for second in range(120):
            admission.observe(Load(busy=0.0, server=0.0, late=0), float(second))
    assert admission.capacity == int(BUSY_LIMIT / 0.02)


@pytest.mark.parametrize(
    "load", [Load(busy=0.9, server=0.1, late=0), Load(busy=0.1, server=SERVER_LIMIT + 0.05, late=0)]
)
def test_none_is_taken_while_workers_or_server_have_no_time(load: Load):
    admission = Admission(workers=4, leg_cost=0.01)
    admission.observe(load, 0.0)
    assert not admission.fits(1, 0.0)


def test_after_a_late_answer_none_is_taken_for_a_while():
    admission = Admission(workers=1, leg_cost=0.01)
    admission.observe(Load(0.1, 0.1, late=1), 5.0)
    assert not admission.fits(1, 5.0 + LATE_PAUSE_S - 0.1)
    assert admission.fits(1, 5.0 + LATE_PAUSE_S)


def test_a_call_that_ends_is_reckoned_with_no_longer():
    admission = Admission(workers=1, leg_cost=0.4)
    with admission.place(2, 0.0):
        assert not admission.fits(1, 0.0)
    assert admission.fits(2, 0.0)


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(0, 3)), max_size=60), st.floats(0.01, 0.2))
def test_the_machine_is_never_promised_away(offers, true_cost):
    """Whatever is offered, and whenever: what was taken never takes more than all of the workers' time."""
    admission = Admission(workers=1, leg_cost=true_cost)
    now, legs, busy = 0.0, 0, 0.0
    with contextlib.ExitStack() as places:
        for offered, pause in offers:
            steps = int(pause / 0.5)
            for step in range(steps):
                # The workers' own measure looks back over some seconds: it creeps up to the truth.
                busy += 0.1 * (legs * true_cost - busy)
                admission.observe(Load(min(1.0, busy), 0.1, 0), now + 0.5 * step)
            now += pause
            if admission.fits(offered, now):
                places.enter_context(admission.place(offered, now))
                legs += offered
        assert legs * true_cost <= 1.0
    assert SETTLED_S > 10


def test_elastic_calls_wait_instead_of_being_refused():
    calls = Calls(10, Admission(workers=1, leg_cost=0.5), clock=lambda: 0.0)
    with calls.admit(1), calls.admit(0):
        assert calls.full
        with pytest.raises(Unavailable, match="with 2 calls in progress"), calls.admit(1):
            pass
        assert calls.active == 2
    assert calls.active == 0
