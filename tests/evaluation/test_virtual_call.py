"""A live call in virtual time: what is measured is charged, and a late answer finds its audio gone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gateway.core.policy import Policy
from gateway.core.settings import Pace, SessionSettings
from gateway.errors import InternalError
from gateway.evaluation.offline import redact_clip
from gateway.evaluation.recording import Recording, Replay, record
from gateway.evaluation.virtual_call import VirtualCall, play
from gateway.media.timeline import Span
from tests.evaluation.scripted_clip import CLIP, RATE, TEXTS, SevenDetector, SteppingClock, recognizer, samples

SETTINGS = SessionSettings(frozenset(Policy), sample_rate=RATE, lookahead_ms=2000)
STEP_S = 0.6


def recorded(*seconds: float, length_s: float = 7.1) -> Recording:
    return record(samples(length_s), SETTINGS, recognizer(), SteppingClock(*seconds))


def call(*seconds: float, detection_s: float = 0.001, length_s: float = 7.1) -> VirtualCall:
    clock = SteppingClock(detection_s)
    return play(samples(length_s), SETTINGS, recorded(*seconds, length_s=length_s), SevenDetector(), clock)


def test_quick_steps_decide_as_a_file_is_decided() -> None:
    live = call(0.05)
    offline = redact_clip(CLIP, samples(), SETTINGS, recognizer(), SevenDetector())
    assert offline.audio is not None
    np.testing.assert_array_equal(live.audio, offline.audio)
    assert live.redactions == offline.redactions
    assert [replace(caption, arrived_ms=None) for caption in live.captions] == list(offline.captions)
    assert (live.statistics.covered_late_ms, live.statistics.skipped_steps) == (0, 0)


def test_a_slow_step_is_charged() -> None:
    live = call(0.05, 0.05, 0.05, 3.0, 0.05)
    assert live.audio.shape == samples().shape
    assert live.statistics.covered_late_ms > 1000
    assert live.statistics.skipped_steps > 0
    late = [span for span in live.redactions if span.late]
    assert late[0].start_ms >= 3 * STEP_S * 1000 - SETTINGS.timing.horizon
    assert max(live.recognition_s) == pytest.approx(3.0)


def test_slow_detection_is_charged_as_well() -> None:
    assert call(0.05, detection_s=1.5).statistics.covered_late_ms > 1000


def test_no_cost_is_never_less_late_than_some() -> None:
    lates = [call(seconds).statistics.covered_late_ms for seconds in (0.0, 0.3, 0.9, 2.5)]
    assert lates == sorted(lates)
    assert lates[0] == 0 < lates[-1]


def test_captions_arrive_when_their_step_is_answered() -> None:
    quick, slow = call(0.0, detection_s=0.0), call(0.2, detection_s=0.1)
    assert len(quick.captions) == len(slow.captions) > 0
    for first, second in zip(quick.captions, slow.captions, strict=True):
        assert first.arrived_ms is not None
        assert second.arrived_ms is not None
        assert second.arrived_ms - first.arrived_ms == pytest.approx(300)
        assert first.words[-1].end_ms < first.arrived_ms


@pytest.mark.parametrize("length_s", [0.01, 0.6, 1.2, 4.7])
def test_whatever_the_length_all_audio_leaves(length_s: float) -> None:
    for seconds in (0.0, 2.0):
        assert len(call(seconds, length_s=length_s).audio) == len(samples(length_s))


def test_a_file_has_no_clock() -> None:
    with pytest.raises(ValueError, match="live"):
        play(samples(), replace(SETTINGS, pace=Pace.ELASTIC), recorded(0.1), SevenDetector())


def test_steps_that_are_asked_for_in_one_go() -> None:
    recording = recorded(0.1)
    first, second = recording.steps[:2]
    both = recording.answer(Span(first.span.start, second.span.end), final=False)
    assert both.seconds == pytest.approx(first.seconds + second.seconds)
    assert both.hypotheses[0].stable_until == second.hypotheses[0].stable_until
    told = [word for step in (first, second) for word in step.hypotheses[0].newly_stable]
    assert list(both.hypotheses[0].newly_stable) == told
    assert both.hypotheses[0].tail == second.hypotheses[0].tail


def test_what_was_not_recorded() -> None:
    with pytest.raises(InternalError, match="no recorded steps"):
        recorded(0.1).answer(Span(0, 17), final=False)


def test_a_replay_hears_the_same() -> None:
    recording = recorded(0.1)
    again = record(samples(), SETTINGS, Replay(recording), SteppingClock(0.1))
    assert [step.hypotheses for step in again.steps] == [step.hypotheses for step in recording.steps]
    assert [word.text for word in recording.heard[0]] == list(TEXTS)
