"""Lines and plans: as many legs as asked for, calls that fit the plateau, the same for the same seed."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.policy import parse_policies
from gateway.core.settings import SessionSettings
from gateway.media.encoding import Encoding
from loadtest.conversation import Library
from loadtest.devsets import SetName, load_sets
from loadtest.network import PRESETS
from loadtest.scenario import SHORTEST_CALL_MS, Scenario, Timetable, call_kinds, kinds_of_lines, plan_line, stagger_of

LIBRARY = Library(load_sets([SetName.SAMPLE]))
SETTINGS = SessionSettings(parse_policies("all"))


@given(st.sampled_from(Scenario), st.integers(2, 200))
def test_the_legs_add_up(scenario: Scenario, legs: int) -> None:
    lines = kinds_of_lines(call_kinds(scenario, SETTINGS, PRESETS["clean"]), legs)
    assert legs - 1 <= sum(kind.legs for kind in lines) <= legs


@given(st.integers(6, 300))
def test_mixed_is_a_third_each(legs: int) -> None:
    kinds = call_kinds(Scenario.MIXED, SETTINGS, PRESETS["clean"])
    lines = kinds_of_lines(kinds, legs)
    for kind in kinds:
        assert sum(one.legs for one in lines if one == kind) == pytest.approx(legs / 3, abs=2)


@given(st.floats(10, 100), st.floats(10, 60), st.integers(0, 2**31 - 1), st.sampled_from(Scenario))
@settings(max_examples=20, deadline=None)
def test_calls_of_a_line_follow_each_other_and_end_with_the_plateau(
    counted_s: float, call_s: float, seed: int, scenario: Scenario
) -> None:
    kind = call_kinds(scenario, SETTINGS, PRESETS["clean"])[0]
    table = Timetable(3.0, counted_s, call_s, 1.2)
    plans = plan_line(3, kind, table, LIBRARY, 0.45, seed)
    at = 0.0
    for plan in plans:
        assert plan.start_s >= at
        at = plan.start_s + plan.conversation.length_ms / 1000 + SETTINGS.lookahead_ms / 1000
        first, last = plan.counted_ms
        assert 0 <= first <= last == plan.conversation.length_ms >= SHORTEST_CALL_MS
        assert plan.start_s + last / 1000 <= table.length_s + 0.001
    assert plans == plan_line(3, kind, table, LIBRARY, 0.45, seed)


def test_plans_travel_between_processes() -> None:
    kind = call_kinds(Scenario.WEBRTC, SETTINGS, PRESETS["bad"])[0]
    plans = plan_line(0, kind, Timetable(3, 20, 90, 1), LIBRARY, 0.45, 1)
    assert pickle.loads(pickle.dumps(plans)) == plans


def test_an_encoding_overrides_the_usual_one() -> None:
    kinds = call_kinds(Scenario.MIXED, SETTINGS, PRESETS["wifi"], Encoding.ALAW)
    assert {kind.settings.encoding for kind in kinds} == {Encoding.ALAW}


def test_only_webrtc_comes_over_the_network() -> None:
    telephone, webrtc, _ = call_kinds(Scenario.MIXED, SETTINGS, PRESETS["wifi"])
    assert webrtc.network == PRESETS["wifi"]
    assert (telephone.network.loss, telephone.network.drift_ppm) == (0.0, PRESETS["wifi"].drift_ppm)


def test_lines_begin_over_two_steps_and_more() -> None:
    assert stagger_of(2000, 10) == pytest.approx(1.4)
