"""The promise, as properties of whole calls: I1 to I7 of the design, against a naive model made of arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.events import (
    AudioReleased,
    CaptionUpdated,
    RecognitionRequested,
    RedactionDecided,
    SessionEnded,
    Verdict,
    Warned,
)
from gateway.core.hypothesis import Hypothesis, Word
from gateway.core.policy import Policy
from gateway.core.session import Session
from gateway.core.settings import Pace, SessionSettings
from gateway.core.transcript import LegTranscript
from gateway.errors import PolicyViolation
from gateway.media.encoding import Encoding, encode
from gateway.media.timeline import Span, samples_of
from tests.core.virtual_call import DIGITS, Result, Spoken, noise, run_call

RATE = 8000
EVERYTHING = frozenset(Policy)
VOCABULARY = ["so", "my", "name", "is", "well", *sorted(DIGITS)]


@st.composite
def speech(draw: st.DrawFn, seconds: int = 8) -> list[Spoken]:
    words: list[Spoken] = []
    at = draw(st.integers(0, 900))
    while at < seconds * 1000 - 100:
        length = draw(st.integers(80, 450))
        words.append(Spoken(draw(st.sampled_from(VOCABULARY)), at, min(at + length, seconds * 1000)))
        at += length + draw(st.sampled_from([0, 0, 20, 120, 400, 1200, 2500]))
    return words


@st.composite
def calls(draw: st.DrawFn) -> tuple[SessionSettings, list[tuple[bytes, list[Spoken]]]]:
    encoding = draw(st.sampled_from(list(Encoding)))
    settings = SessionSettings(
        EVERYTHING,
        encoding,
        RATE,
        channels=draw(st.sampled_from([1, 2])),
        lookahead_ms=draw(st.sampled_from([500, 1000, 2000, 3000])),
        pace=draw(st.sampled_from(list(Pace))),
    )
    samples = draw(st.integers(1, 8 * RATE))
    return settings, [(encode(noise(samples, leg), encoding), draw(speech())) for leg in range(settings.channels)]


def latencies(most: float) -> st.SearchStrategy[list[float | None]]:
    # With at least one answer among them: a session that is declined for ever asks for ever.
    some = st.one_of(st.none(), st.floats(0, most), st.floats(-1, -0.01))
    return st.tuples(st.lists(some, max_size=5), st.floats(0, most)).map(lambda both: [*both[0], both[1]])


def told(result: Result, leg: int, samples: int) -> np.ndarray:
    """Which samples of a leg were reported as covered."""
    covered = np.zeros(samples, dtype=bool)
    for redaction in result.redactions():
        if redaction.leg == leg:
            covered[redaction.span.start : redaction.span.end] = True
    return covered


@given(calls(), st.lists(st.integers(1, 2000), min_size=1, max_size=4), latencies(2.0))
@settings(max_examples=60, deadline=None)
def test_every_sample_leaves_once_and_only_told_ones_change(call, chunks, answers):
    options, legs = call
    result = run_call(options, legs, chunks=chunks, latency=lambda step: answers[step % len(answers)])
    width = options.encoding.bytes_per_sample
    position = 0
    for released in result.of(AudioReleased):
        assert released.span.start == position
        position = released.span.end
    for number, (data, _) in enumerate(legs):
        out = result.audio(number)
        assert len(out) == len(data) == position * width
        cells = np.frombuffer(data, np.uint8).reshape(-1, width)
        left = np.frombuffer(out, np.uint8).reshape(-1, width)
        changed = (cells != left).any(axis=1)
        assert not (changed & ~told(result, number, position)).any()


@given(calls(), latencies(2.0))
@settings(max_examples=40, deadline=None)
def test_nothing_of_the_input_is_left_under_a_mask(call, answers):
    """The same call with other audio gives the same samples wherever it is covered."""
    options, legs = call
    samples = len(legs[0][0]) // options.encoding.bytes_per_sample
    others = [(encode(noise(samples, 50 + leg), options.encoding), spoken) for leg, (_, spoken) in enumerate(legs)]
    # Padding looks for quiet moments in the sound; noise at one level has none, so both calls get the same spans.
    first = run_call(options, legs, latency=lambda step: answers[step % len(answers)])
    second = run_call(options, others, latency=lambda step: answers[step % len(answers)])
    width = options.encoding.bytes_per_sample
    for number in range(options.channels):
        both = told(first, number, samples) & told(second, number, samples)
        one = np.frombuffer(first.audio(number), np.uint8).reshape(-1, width)
        other = np.frombuffer(second.audio(number), np.uint8).reshape(-1, width)
        edges = np.zeros(samples, dtype=bool)
        for redaction in [*first.redactions(), *second.redactions()]:
            for edge in (redaction.span.start, redaction.span.end):
                edges[max(0, edge - 100) : edge + 100] = True
        inside = both & ~edges
        assert (one[inside] == other[inside]).all()


@given(calls(), latencies(2.0))
@settings(max_examples=60, deadline=None)
def test_a_redaction_is_told_before_its_audio_and_never_twice(call, answers):
    options, legs = call
    result = run_call(options, legs, latency=lambda step: answers[step % len(answers)])
    released = 0
    seen: dict[tuple[int, Policy | None], list[Span]] = {}
    for _, output in result.outputs:
        if isinstance(output, AudioReleased):
            released = output.span.end
        elif isinstance(output, RedactionDecided):
            assert output.span.start >= released
            assert (output.policy is None) == (output.verdict is Verdict.COVERED_LATE)
            earlier = seen.setdefault((output.leg, output.policy), [])
            assert not any(span.overlaps(output.span) for span in earlier)
            earlier.append(output.span)


@given(calls(), latencies(2.0))
@settings(max_examples=60, deadline=None)
def test_captions_only_grow_and_never_hold_a_covered_word(call, answers):
    options, legs = call
    result = run_call(options, legs, latency=lambda step: answers[step % len(answers)])
    shown: dict[int, CaptionUpdated] = {}
    for caption in result.captions():
        before = shown.get(caption.turn)
        if before:
            assert caption.revision == before.revision + 1
            assert not before.final
            assert caption.leg == before.leg
            assert caption.words[: len(before.words)] == before.words
        else:
            assert caption.revision == 1
        shown[caption.turn] = caption
        for word in caption.words:
            if word.policy is not None or word.verdict is Verdict.COVERED_LATE:
                assert "#" in word.text
                assert not any(char.isalnum() for char in word.text)
            else:
                assert "#" not in word.text
                samples = len(legs[caption.leg][0]) // options.encoding.bytes_per_sample
                heard = ~told(result, caption.leg, samples)[word.span.start : word.span.end]
                assert heard.any()
    assert all(caption.final for caption in shown.values())


@given(calls(), latencies(3.0))
@settings(max_examples=60, deadline=None)
def test_live_delay_is_the_lookahead_and_held_media_is_bounded(call, answers):
    options, legs = call
    options = dataclasses.replace(options, pace=Pace.REALTIME)
    result = run_call(options, legs, latency=lambda step: answers[step % len(answers)])
    for now, output in result.outputs:
        if isinstance(output, AudioReleased):
            assert now - 100.0 - output.span.start / RATE == pytest.approx(options.lookahead_ms / 1000, abs=1e-6)
    assert result.most_held <= samples_of(options.lookahead_ms + 20, RATE)
    ended = result.of(SessionEnded)[0].statistics
    if ended.audio_ms:
        assert ended.added_delay_p99_ms == options.lookahead_ms


@given(calls(), st.lists(st.integers(1, 9000), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_how_input_is_cut_changes_nothing(call, chunks):
    options, legs = call
    options = dataclasses.replace(options, pace=Pace.ELASTIC)
    one = run_call(options, legs, chunks=[10**9])
    other = run_call(options, legs, chunks=chunks)
    assert [output for _, output in one.outputs] == [output for _, output in other.outputs]


@given(calls(), st.lists(st.floats(0, 1), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_live_in_time_decides_what_a_file_decides(call, shares):
    """Both halves of a step with time to spare: the same redactions and captions, whatever the clock did."""
    options, legs = call
    half = ((options.timing.allowance - options.timing.relax_below) / 1000 - 0.02) / 2
    live = run_call(
        dataclasses.replace(options, pace=Pace.REALTIME),
        legs,
        latency=lambda step: shares[step % len(shares)] * half,
    )
    file = run_call(dataclasses.replace(options, pace=Pace.ELASTIC), legs)
    assert live.redactions() == file.redactions()
    assert live.captions() == file.captions()
    assert live.of(SessionEnded)[0].statistics.covered_late_ms == file.of(SessionEnded)[0].statistics.covered_late_ms
    # Fades are of the mask only: where pieces of a run were known at release may differ by how much of the run was.
    for number in range(options.channels):
        assert len(live.audio(number)) == len(file.audio(number))


@given(calls(), st.lists(st.floats(0.5, 1), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_answers_that_come_just_in_time_cost_freshness_and_no_late_audio(call, shares):
    options, legs = call
    half = (options.timing.allowance / 1000 - 0.02) / 2
    live = run_call(
        dataclasses.replace(options, pace=Pace.REALTIME),
        legs,
        latency=lambda step: shares[step % len(shares)] * half,
    )
    statistics = live.of(SessionEnded)[0].statistics
    assert statistics.overdue_ms == 0
    assert statistics.skipped_steps == 0


def test_a_declined_step_is_asked_for_again_with_what_came_since():
    options, legs = digits_call()
    result = run_call(options, legs, latency=lambda step: -0.5 if step == 4 else 0.05)
    statistics = result.of(SessionEnded)[0].statistics
    assert statistics.relaxed_steps
    assert (statistics.lost_recognitions, [warning.code for warning in result.of(Warned)]) == (0, [])
    assert 0 < statistics.overdue_ms < 1000
    covered = told(result, 0, 6 * RATE)
    assert covered[samples_of(1700, RATE) : samples_of(3200, RATE)].all()
    assert result.captions()[-1].text == "my number is #### ### ### ###"


def test_a_session_that_relaxed_goes_back_to_its_steps_after_a_loss():
    options, legs = digits_call()
    latency = {6: None}
    result = run_call(
        options, [(legs[0][0] * 3, [])], latency=lambda step: latency.get(step, 0.17 if step < 6 else 0.02)
    )
    statistics = result.of(SessionEnded)[0].statistics
    assert statistics.lost_recognitions == 1
    assert 0 < statistics.relaxed_steps <= 5


def test_a_declined_session_asks_again_however_late_its_audio_comes():
    """The network took 200 ms longer after the first packet: no reason to start anew, but more than the allowance."""
    options, legs = digits_call(lookahead_ms=500)
    result = run_call(options, legs, latency=lambda step: -0.3 if step == 0 else 0.01, pause_at=160, pause_s=0.2)
    assert result.of(SessionEnded)[0].statistics.steps > 10


def test_a_session_whose_answers_are_nearly_late_asks_less_often():
    options, legs = digits_call()
    usual = run_call(options, legs, latency=lambda step: 0.05)
    loaded = run_call(options, legs, latency=lambda step: 0.165)
    assert usual.of(SessionEnded)[0].statistics.relaxed_steps == 0
    steps = [run.of(SessionEnded)[0].statistics.steps for run in (usual, loaded)]
    assert loaded.of(SessionEnded)[0].statistics.relaxed_steps >= 5
    assert steps[1] <= steps[0] * 3 // 4


@given(calls(), latencies(2.0))
@settings(max_examples=20, deadline=None)
def test_replay_is_deterministic(call, answers):
    options, legs = call
    runs = [run_call(options, legs, latency=lambda step: answers[step % len(answers)]) for _ in range(2)]
    assert runs[0].outputs == runs[1].outputs


def digits_call(**changes: object) -> tuple[SessionSettings, list[tuple[bytes, list[Spoken]]]]:
    options = SessionSettings(EVERYTHING, sample_rate=RATE, **changes)  # type: ignore[arg-type]
    words = ["my", "number", "is", "four", "one", "one", "two"]
    spoken = [Spoken(word, 500 + 400 * index, 800 + 400 * index) for index, word in enumerate(words)]
    return options, [(encode(noise(6 * RATE, 0), options.encoding), spoken)]


def test_a_number_is_covered_in_sound_and_captions():
    options, legs = digits_call()
    result = run_call(options, legs)
    covered = told(result, 0, 6 * RATE)
    assert covered[samples_of(1700, RATE) : samples_of(3200, RATE)].all()
    assert not covered[: samples_of(1400, RATE)].any()
    assert not covered[samples_of(3500, RATE) :].any()
    assert result.captions()[-1].text == "my number is #### ### ### ###"
    assert {redaction.policy for redaction in result.redactions()} == {Policy.NUMBER_SEQUENCE}
    statistics = result.of(SessionEnded)[0].statistics
    assert statistics.spans == {"number_sequence": 1}
    assert (statistics.covered_late_ms, statistics.overdue_ms) == (0, 0)


def test_a_recogniser_that_never_answers_covers_everything_and_the_call_goes_on():
    options, legs = digits_call()
    result = run_call(options, legs, latency=lambda step: 60.0)
    assert told(result, 0, 6 * RATE).all()
    statistics = result.of(SessionEnded)[0].statistics
    assert (statistics.covered_late_ms, statistics.overdue_ms) == (6000, 6000)
    assert not any(word.verdict is Verdict.CLEAR for caption in result.captions() for word in caption.words)


def test_a_lost_recogniser_is_warned_about_and_what_it_missed_is_covered():
    options, legs = digits_call()
    result = run_call(options, legs, latency=lambda step: None if step == 2 else 0.05)
    assert "recognition_lost" in [warning.code for warning in result.of(Warned)]
    statistics = result.of(SessionEnded)[0].statistics
    assert statistics.lost_recognitions == 1
    assert 0 < statistics.covered_late_ms < 3000
    covered = told(result, 0, 6 * RATE)
    assert covered[samples_of(1700, RATE) : samples_of(3200, RATE)].all()


def test_a_peer_that_stops_sending_gets_the_same_delay_afterwards():
    options, legs = digits_call()
    result = run_call(options, legs, pause_at=2 * RATE, pause_s=5.0)
    assert "stalled" in [warning.code for warning in result.of(Warned)]
    for now, output in result.outputs:
        if isinstance(output, AudioReleased) and output.span.start >= 2 * RATE:
            assert now - 105.0 - output.span.start / RATE == pytest.approx(2.0, abs=1e-6)


def test_a_live_peer_may_not_run_ahead():
    session = Session(SessionSettings(EVERYTHING, sample_rate=RATE))
    frame = bytes(2 * RATE // 50)
    for _ in range(26):
        session.receive_audio([frame], 0.0)
    with pytest.raises(PolicyViolation, match="pace=elastic"):
        session.receive_audio([frame], 0.0)
    session.receive_audio([frame], 0.02)


def test_an_elastic_peer_is_asked_to_wait_between_two_water_marks():
    options = SessionSettings(EVERYTHING, sample_rate=RATE, pace=Pace.ELASTIC)
    session = Session(options)
    while not session.paused:
        session.receive_audio([bytes(2 * RATE)], 0.0)
    assert session.get_timer() is None


@pytest.mark.parametrize(
    ("frames", "message"),
    [([b"ab"], "2 legs"), ([b"ab", b"abcd"], "2 legs"), ([b"abc", b"abc"], "within a sample")],
)
def test_torn_or_missing_frames_are_refused(frames, message):
    session = Session(SessionSettings(EVERYTHING, channels=2))
    with pytest.raises(ValueError, match=message):
        session.receive_audio(frames, 0.0)


def test_an_empty_call_ends():
    session = Session(SessionSettings(EVERYTHING))
    session.receive_end(0.0)
    session.receive_end(0.0)
    outputs = []
    while (output := session.next_output()) is not None:
        outputs.append(output)
        if isinstance(output, RecognitionRequested):
            session.receive_recognition_lost(0.0)
    assert isinstance(outputs[-1], SessionEnded)
    with pytest.raises(RuntimeError, match="after the end"):
        session.receive_audio([b""], 0.0)


def test_a_leg_that_is_ahead_is_heard_again_with_the_one_that_lags():
    session = Session(SessionSettings(EVERYTHING, sample_rate=RATE, channels=2, lookahead_ms=5000))
    asked: list[RecognitionRequested] = []

    def drain() -> None:
        while (output := session.next_output()) is not None:
            if isinstance(output, RecognitionRequested):
                asked.append(output)

    frame = bytes(2 * RATE // 50)
    for number in range(200):
        now = number * 0.02
        session.receive_audio([frame, frame], now)
        session.handle_timer(now)
        drain()
        if asked and session.statistics().steps < len(asked):
            heard = asked[-1].span.end
            session.receive_hypotheses([Hypothesis(heard, heard), Hypothesis(heard, 0)], now)
            drain()
    session.receive_recognition_lost(4.0)
    drain()
    assert asked[-1].fresh
    assert asked[-1].span.start == 0
    assert {len(audio) for audio in asked[-1].audio} == {len(asked[-1].span)}


def test_a_word_that_was_cut_by_a_restart_is_not_lost():
    transcript = LegTranscript(RATE)
    transcript.receive(Hypothesis(8000, 4000))
    again = (Word("four", Span(3900, 4800), 1.0, True), Word("so", Span(3000, 4100), 1.0, True))
    transcript.receive(Hypothesis(9000, 8800, tuple(sorted(again, key=lambda word: word.span))))
    assert [(word.text, word.span) for word in transcript.words] == [("four", Span(4000, 4800))]
    assert list(transcript.unheard) == [Span(4000, 4100)]
